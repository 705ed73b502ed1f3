import { expect, test } from "bun:test";
import { type CpuReading, cpuPercentages, createCpuMeter } from "../../../src/plugins/cgroups/cpu.ts";

const reading = (uptime: number, seconds: Record<string, number>): CpuReading => ({
  uptime,
  seconds: new Map(Object.entries(seconds)),
});
const never = new AbortController().signal;

test.each([
  ["one busy core is 100", reading(10, { a: 5 }), reading(40, { a: 35 }), { a: 100 }],
  ["two busy cores are 200", reading(10, { a: 0 }), reading(20, { a: 20 }), { a: 200 }],
  ["idle is zero, not nothing", reading(10, { a: 5 }), reading(40, { a: 5 }), { a: 0 }],
  ["a new group has none yet", reading(10, {}), reading(40, { a: 5 }), {}],
  ["a group that has ended has none", reading(10, { a: 5 }), reading(40, {}), {}],
  ["a group that was started again has none", reading(10, { a: 5 }), reading(40, { a: 1 }), {}],
  ["no time passed", reading(10, { a: 5 }), reading(10, { a: 6 }), {}],
  ["the machine was started again", reading(10, { a: 5 }), reading(2, { a: 6 }), {}],
])("%s", (_name, before, now, expected) => {
  expect(Object.fromEntries(cpuPercentages(before, now))).toEqual(expected);
});

test("the first call reads twice, the next ones compare with the call before", async () => {
  const meter = createCpuMeter();
  const again = [reading(10.5, { a: 1.5 })];
  const first = await meter(reading(10, { a: 1 }), async () => again.shift() ?? reading(0, {}), never);
  const second = await meter(reading(20.5, { a: 2.5 }), () => Promise.reject(new Error("read again")), never);
  expect([[...first], [...second]]).toEqual([[["a", 100]], [["a", 10]]]);
});

test("a signal that aborts ends the wait: no percentages now, and the next call has something to compare with", async () => {
  const meter = createCpuMeter();
  const stop = new AbortController();
  const first = meter(reading(10, { a: 1 }), () => Promise.reject(new Error("read again")), stop.signal);
  stop.abort();
  expect(await first).toEqual(new Map());
  const aborted = createCpuMeter()(
    reading(10, { a: 1 }),
    () => Promise.reject(new Error("read again")),
    stop.signal,
  );
  expect(await aborted).toEqual(new Map());
  expect(await meter(reading(20, { a: 2 }), () => Promise.reject(new Error("read again")), never)).toEqual(
    new Map([["a", 10]]),
  );
});

test("there is no wait when no group counts CPU", async () => {
  const meter = createCpuMeter();
  expect(await meter(reading(10, {}), () => Promise.reject(new Error("read again")), never)).toEqual(
    new Map(),
  );
});
