import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ParseError } from "../../../src/errors.ts";
import { parseMemory, zoneName } from "../../../src/plugins/tegrastats/jetson-kernel.ts";

const FIXTURES = join(import.meta.dir, "..", "..", "fixtures");

describe("/proc/meminfo", () => {
  test("a Jetson TX2", () => {
    const text = readFileSync(join(FIXTURES, "tegrastats/kernel-nano/proc/meminfo"), "utf8");
    expect(parseMemory(text)).toEqual({
      ram: { used: (8038788 - 5642288) * 1024, total: 8038788 * 1024 },
      swap: { used: 0, total: 4019376 * 1024 },
    });
  });

  test("without MemAvailable, as in the 3.10 kernel of a Jetson TK1", () => {
    const text =
      "MemTotal: 1921024 kB\nMemFree: 1000000 kB\nBuffers: 24 kB\nCached: 21000 kB\nSwapCached: 7 kB\n";
    expect(parseMemory(text)).toEqual({ ram: { used: 900000 * 1024, total: 1921024 * 1024 } });
  });

  test("without swap, there is no swap", () => {
    expect(parseMemory("MemTotal: 2 kB\nMemAvailable: 1 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n")).toEqual({
      ram: { used: 1024, total: 2048 },
    });
  });

  test("nothing of it", () => {
    expect(parseMemory("")).toEqual({});
  });

  test.each(["MemTotal: 8038788", "MemTotal: 8038788 MB", "MemFree:", "SwapTotal: -1 kB", "Cached: 0x10 kB"])(
    "%s is an error that names the file and the line",
    (line) => {
      expect(() => parseMemory(`MemAvailable: 1 kB\n${line}\n`)).toThrow(ParseError);
      expect(() => parseMemory(`MemAvailable: 1 kB\n${line}\n`)).toThrow(
        `/proc/meminfo: cannot understand ${JSON.stringify(line)}`,
      );
    },
  );
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
