import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { formatValue } from "../../src/terminal/format-value.ts";

test.each([
  ["Chouette.host.memory.used", 669_500_000, "669.5 MB"],
  ["Chouette.host.fs.free", 0, "0 B"],
  ["Chouette.docker.network.rx", 1500, "1.5 kB"],
  ["Chouette.k8s.pod.memory.workingSetBytes", 12, "12 B"],
  ["Chouette.host.fs.inodes.used", 1_234_567, "1234567"],
  ["Chouette.cgroups.memory.oom_kills", 3, "3"],
  ["Chouette.docker.cpu.usage", 55_535_452, "55535452 ns"],
  ["Chouette.host.cpu.percentage", 12.345678, "12.3457 %"],
  ["Chouette.host.psi.memory", 0.25, "0.25 %"],
  ["Chouette.host.temperature", 48.625, "48.625 °C"],
  ["Chouette.tegrastats.power", 4321, "4321 mW"],
  ["Chouette.rpi.arm.frequency", 1_500_000_000, "1500000000 Hz"],
  ["Chouette.host.uptime", 93_784.5, "93784.5 s"],
  ["Chouette.host.la", 1.63, "1.63"],
  ["chouette.dispatched.metrics.bytes", 377, "377 B"],
  ["chouette.dispatched.metrics.number", 19, "19"],
  ["chouette.plugin.duration", 0.0177916, "0.0177916 s"],
  ["tiny", 1e-9, "1e-9"],
  ["large", 12_345_678.9, "12345700"],
])("%s %d is %s", (metric, value, text) => {
  expect(formatValue(metric, value)).toBe(text);
});

test("values of other metrics have no unit", () => {
  for (const metric of ["license.used", "requests.sent", "room.temperature", "battery.percentage"])
    expect(formatValue(metric, 1_234_567)).toBe("1234567");
});

/** How the READMEs of the plugins call a unit, and how a value of 2500 is shown. */
const SHOWN: Readonly<Record<string, string>> = {
  bytes: "2.5 kB",
  nanoseconds: "2500 ns",
  percent: "2500 %",
  "%": "2500 %",
  "°C": "2500 °C",
  mW: "2500 mW",
  Hz: "2500 Hz",
  seconds: "2500 s",
};

describe("units are those of the plugins' READMEs", () => {
  const plugins = join(import.meta.dir, "..", "..", "src", "plugins");
  const readmes = readdirSync(plugins).map((name) => join(plugins, name, "README.md"));
  const rows = readmes
    .filter(existsSync)
    .flatMap((file) => [
      ...readFileSync(file, "utf8").matchAll(/^\| `(Chouette\.[\w.]+)` *\| ([^|]+?) *\|/gm),
    ])
    .map(([, metric = "", unit = ""]) => [metric, unit.split(/[ ,;]/, 1)[0] ?? ""] as const);

  test("dozens of metrics have a unit there", () => {
    expect(rows.length).toBeGreaterThan(60);
  });

  test.each(rows)("%s: %s", (metric, unit) => {
    expect(formatValue(metric, 2500)).toBe(SHOWN[unit] ?? "2500");
  });
});
