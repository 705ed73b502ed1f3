import { expect, test } from "bun:test";
import fc from "fast-check";
import { busyPercentage } from "../../../src/plugins/host/busy-percentage.ts";
import { type CpuTimes, parseStat } from "../../../src/plugins/host/stat.ts";
import { noSkip } from "../kernel/skipping.ts";
import { captured } from "./captures.ts";

const NONE: CpuTimes = {
  user: 0,
  nice: 0,
  system: 0,
  idle: 0,
  iowait: 0,
  irq: 0,
  softirq: 0,
  steal: 0,
  guest: 0,
  guestNice: 0,
};

test("minutes of a real machine: 116,326 of 9,902,668 ticks", () => {
  const before = parseStat(captured("proc/stat/x86-16core-proc0.txt"), noSkip);
  const after = parseStat(captured("proc/stat/x86-16core-proc1.txt"), noSkip);
  expect(busyPercentage(before.total ?? NONE, after.total ?? NONE)).toBe(1.2);
});

test.each<[string, Partial<CpuTimes>, number | undefined]>([
  ["all idle", { idle: 100 }, 0],
  ["all busy", { user: 100 }, 100],
  ["waiting for a disk is idle", { user: 25, iowait: 75 }, 25],
  ["every kind of work counts", { user: 1, nice: 2, system: 3, irq: 4, softirq: 5, steal: 6, idle: 79 }, 21],
  ["guests are in user and nice already", { user: 30, guest: 30, nice: 20, guestNice: 20, idle: 50 }, 50],
  ["one decimal", { user: 1, idle: 2 }, 33.3],
  ["no time has passed", {}, undefined],
])("%s", (_, spent, percentage) => {
  const before = { ...NONE, user: 1000, nice: 1000, idle: 5000, iowait: 500, guest: 10 };
  const after = { ...before };
  for (const [column, ticks] of Object.entries(spent)) after[column as keyof CpuTimes] += ticks;
  expect(busyPercentage(before, after)).toBe(percentage);
});

test("an iowait that goes back by less than 3 s, as it does on healthy machines, counts as not moved", () => {
  const before = { ...NONE, iowait: 500, idle: 1000 };
  expect(busyPercentage(before, { ...before, iowait: 400, idle: 1050, user: 50 })).toBe(50);
  expect(busyPercentage(before, { ...before, iowait: 199, idle: 1050, user: 50 })).toBeUndefined();
});

test.each(["user", "nice", "system", "idle", "irq", "softirq", "steal"] as const)(
  "a counter of %s that goes back gives no value",
  (column) => {
    const before = { ...NONE, [column]: 500 };
    expect(busyPercentage(before, { ...before, iowait: 900, [column]: 499 })).toBeUndefined();
  },
);

test("after a suspend, or when a CPU is plugged in, there is no value, and the next one is right", () => {
  const [before, after, next] = [
    "cpu  1466797 6445 708626 6221847 7998 0 8095 0 0 0\n",
    "cpu  1466867 6445 708691 5873386 7624 0 8095 0 0 0\n",
    "cpu  1466967 6445 708691 5873686 7624 0 8095 0 0 0\n",
  ].map((text) => parseStat(text, noSkip).total ?? NONE);
  expect(busyPercentage(before ?? NONE, after ?? NONE)).toBeUndefined();
  expect(busyPercentage(after ?? NONE, next ?? NONE)).toBe(25);
});

test("whatever the counters do, the result is within 0 and 100", () => {
  const times = fc.record(
    Object.fromEntries(Object.keys(NONE).map((column) => [column, fc.nat()])) as Record<
      keyof CpuTimes,
      fc.Arbitrary<number>
    >,
  );
  fc.assert(
    fc.property(times, times, (before, after) => {
      const percentage = busyPercentage(before, after) ?? 0;
      expect(percentage).toBeGreaterThanOrEqual(0);
      expect(percentage).toBeLessThanOrEqual(100);
    }),
  );
});
