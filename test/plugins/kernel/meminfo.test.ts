import { expect, test } from "bun:test";
import { ParseError } from "../../../src/errors.ts";
import { parseMeminfo } from "../../../src/plugins/kernel/meminfo.ts";
import { captured, readByHand } from "../host/captures.ts";

test.each(["jetson-tx2.txt", "pi2-wheezy.txt"])("%s", (name) => {
  const path = `proc/meminfo/${name}`;
  const expected = readByHand<Record<string, number>>(path);
  const { total, available, free, swapTotal, swapFree } = parseMeminfo(captured(path));
  expect([total, available, free, swapTotal, swapFree]).toEqual(
    ["total_kb", "available_kb", "free_kb", "swap_total_kb", "swap_free_kb"].map(
      (key) => 1024 * (expected[key] ?? NaN),
    ),
  );
});

test("every value that is used, in bytes", () => {
  expect(parseMeminfo(captured("proc/meminfo/jetson-tx2.txt"))).toEqual({
    total: 8038788 * 1024,
    free: 4851052 * 1024,
    available: 5642288 * 1024,
    buffers: 38972 * 1024,
    cached: 879052 * 1024,
    reclaimable: 68672 * 1024,
    activeFile: 242992 * 1024,
    inactiveFile: 566356 * 1024,
    swapTotal: 4019376 * 1024,
    swapFree: 4019376 * 1024,
  });
});

test("what a kernel does not tell is undefined where that makes a difference, else 0", () => {
  expect(parseMeminfo("MemTotal: 2 kB\nMemFree: 1 kB\nHugePages_Total:       0\n")).toEqual({
    total: 2048,
    free: 1024,
    available: undefined,
    buffers: 0,
    cached: 0,
    reclaimable: 0,
    activeFile: undefined,
    inactiveFile: undefined,
    swapTotal: 0,
    swapFree: 0,
  });
});

test.each([
  ["nothing", "", ""],
  ["no total", "MemFree: 1 kB\n", "MemFree: 1 kB\n"],
  ["no free memory", "MemTotal: 1 kB\n", "MemTotal: 1 kB\n"],
  ["another unit", "MemTotal: 1 MB\nMemFree: 1 kB\n", "MemTotal: 1 MB"],
  ["a word for a number", "MemTotal: much kB\n", "MemTotal: much kB"],
  ["a line without a colon", "MemTotal 1 kB\n", "MemTotal 1 kB"],
])("%s is a ParseError with file and line", (_, text, line) => {
  expect(() => parseMeminfo(text)).toThrow(new ParseError("/proc/meminfo", line));
});
