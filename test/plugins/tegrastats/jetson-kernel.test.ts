import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseMeminfo } from "../../../src/plugins/kernel/meminfo.ts";
import { memoryOf, zoneName } from "../../../src/plugins/tegrastats/jetson-kernel.ts";
import { noSkip, skipping } from "../kernel/skipping.ts";

const memory = (text: string) => memoryOf(parseMeminfo(text, noSkip));

const FIXTURES = join(import.meta.dir, "..", "..", "fixtures");

describe("/proc/meminfo", () => {
  test("a Jetson TX2", () => {
    const text = readFileSync(join(FIXTURES, "tegrastats/kernel-nano/proc/meminfo"), "utf8");
    expect(memory(text)).toEqual({
      ram: { used: (8038788 - 5642288) * 1024, total: 8038788 * 1024 },
      swap: { used: 0, total: 4019376 * 1024 },
    });
  });

  test("without MemAvailable, as in the 3.10 kernel of a Jetson TK1", () => {
    const text =
      "MemTotal: 1921024 kB\nMemFree: 1000000 kB\nBuffers: 24 kB\nCached: 21000 kB\nSwapCached: 7 kB\n";
    expect(memory(text)).toEqual({ ram: { used: 900000 * 1024, total: 1921024 * 1024 } });
  });

  test("without swap, there is no swap", () => {
    expect(memory("MemTotal: 2 kB\nMemAvailable: 1 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n")).toEqual({
      ram: { used: 1024, total: 2048 },
    });
  });

  test("nothing of it", () => {
    expect(memory("")).toEqual({});
  });

  test("a line that is not understood costs what is computed from it", () => {
    const text = "MemTotal: much\nMemAvailable: 1 kB\nSwapTotal: 3 kB\nSwapFree: 1 kB\n";
    const { value } = skipping((skip) => memoryOf(parseMeminfo(text, skip)));
    expect(value).toEqual({ swap: { used: 2048, total: 3072 } });
  });

  test("more free than there is cannot be true", () => {
    expect(memory("MemTotal: 1 kB\nMemAvailable: 2 kB\nSwapTotal: 1 kB\nSwapFree: 2 kB\n")).toEqual({});
  });
});

describe("zones have the names that tegrastats gives them", () => {
  // Kernel's type, then what tegrastats of the same board prints (../../fixtures/tegrastats-lines: nano-6, tx1-5, orin-nano-3, agx-thor-4).
  test.each([
    ["AO-therm\n", "AO"],
    ["CPU-therm", "CPU"],
    ["PMIC-Die", "PMIC"],
    ["thermal-fan-est", "thermal"],
    ["iwlwifi", "iwlwifi"],
    ["Tboard_tegra", "Tboard"],
    ["Tdiode_tegra", "Tdiode"],
    ["cpu-thermal", "cpu"],
    ["tj-thermal", "tj"],
    ["soc012-thermal", "soc012"],
  ])("%p is %p", (type, zone) => {
    expect(zoneName(type)).toBe(zone);
  });
});
