import { expect, test } from "bun:test";
import { knownAvailable, memoryOf } from "../../../src/plugins/host/memory.ts";
import { type Meminfo, parseMeminfo } from "../../../src/plugins/kernel/meminfo.ts";
import { noSkip } from "../kernel/skipping.ts";
import { captured } from "./captures.ts";

const KIB = 1024;
const PI2 = parseMeminfo(captured("proc/meminfo/pi2-wheezy.txt"), noSkip);

test("used is what is neither free nor cache nor reclaimable; available is the kernel's", () => {
  expect(memoryOf(PI2, undefined)).toEqual({
    used: (949328 - 49512 - 437356 - 411156 - 17016) * KIB,
    available: 884628 * KIB,
  });
});

test("without MemAvailable the estimate agrees with the kernel's, from the same watermark", () => {
  expect(memoryOf({ ...PI2, available: undefined }, 2560 * 4096)).toMatchObject({ available: 884628 * KIB });
});

test("a MemAvailable of 0 counts as missing", () => {
  expect(knownAvailable({ ...PI2, available: 0 })).toBeUndefined();
  expect(memoryOf({ ...PI2, available: 0 }, 2560 * 4096)).toMatchObject({ available: 884628 * KIB });
});

test("with little cache, half of it is kept back; the estimate is never below 0", () => {
  const scarce: Meminfo = {
    ...PI2,
    available: undefined,
    free: 100,
    activeFile: 30,
    inactiveFile: 10,
    reclaimable: 20,
  };
  expect(memoryOf(scarce, 90)).toMatchObject({ available: 100 - 90 + 20 + 10 });
  expect(memoryOf(scarce, 500)).toMatchObject({ available: 0 });
});

test.each<[string, Partial<Meminfo>, number | undefined]>([
  ["no watermark", {}, undefined],
  ["no active page cache", { activeFile: undefined }, 4096],
  ["no inactive page cache", { inactiveFile: undefined }, 4096],
])("with %s, free and cached have to do", (_, missing, watermark) => {
  const memory = memoryOf({ ...PI2, available: undefined, ...missing }, watermark);
  expect(memory).toMatchObject({ available: (49512 + 411156) * KIB });
});

test("within LXC the parts may be more than the whole", () => {
  const container: Meminfo = { ...PI2, total: 1000, free: 400, cached: 900, available: 5000 };
  expect(memoryOf(container, undefined)).toEqual({ used: 600, available: 400 });
});

test.each(["total", "free", "buffers", "cached", "reclaimable"] as const)(
  "used is unknown when %s is unknown, and available stays",
  (part) => {
    expect(memoryOf({ ...PI2, [part]: undefined }, undefined)).toEqual({
      used: undefined,
      available: 884628 * KIB,
    });
  },
);
