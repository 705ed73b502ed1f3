import { expect, test } from "bun:test";
import { parseMeminfo } from "../../../src/plugins/kernel/meminfo.ts";
import { captured, readByHand } from "../host/captures.ts";
import { noSkip, skipping } from "./skipping.ts";

test.each(["jetson-tx2.txt", "pi2-wheezy.txt"])("%s", (name) => {
  const path = `proc/meminfo/${name}`;
  const expected = readByHand<Record<string, number>>(path);
  const { total, available, free, swapTotal, swapFree } = parseMeminfo(captured(path), noSkip);
  expect([total, available, free, swapTotal, swapFree]).toEqual(
    ["total_kb", "available_kb", "free_kb", "swap_total_kb", "swap_free_kb"].map(
      (key) => 1024 * (expected[key] ?? NaN),
    ),
  );
});

test("every value that is used, in bytes", () => {
  expect(parseMeminfo(captured("proc/meminfo/jetson-tx2.txt"), noSkip)).toEqual({
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

test("a missing value is undefined where that matters, else 0", () => {
  expect(parseMeminfo("MemTotal: 2 kB\nMemFree: 1 kB\nHugePages_Total:       0\n", noSkip)).toEqual({
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
  ["another unit", "MemTotal: 1 MB"],
  ["a word for a number", "MemTotal: much kB"],
  ["a number below zero", "MemTotal: -1 kB"],
  ["a line without a colon", "MemTotal 1 kB"],
])("%s costs only that line", (_, line) => {
  const { value, skipped } = skipping((skip) => parseMeminfo(`${line}\nMemFree: 1 kB\nCached: 3 kB\n`, skip));
  expect(value).toMatchObject({ total: undefined, free: 1024, cached: 3072 });
  expect(skipped).toEqual([["/proc/meminfo", line]]);
});

test("a part that is not understood is unknown, not 0", () => {
  const { value } = skipping((skip) => parseMeminfo("Buffers: x kB\nSwapTotal: y\n", skip));
  expect(value).toMatchObject({ buffers: undefined, swapTotal: undefined, swapFree: 0 });
});

test("a number that cannot be true is unknown", () => {
  const text = "SwapTotal: 0 kB\nSwapFree: 18446744073709551488 kB\nMemFree: 9007199254740992 kB\n";
  expect(parseMeminfo(text, noSkip)).toMatchObject({ swapTotal: 0, swapFree: undefined, free: undefined });
});
