import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { datadogWrapper } from "../../src/aggregate/datadog-wrapper.ts";
import { type LiveWindows, liveWindows } from "../../src/aggregate/live-windows.ts";
import type { Measurement } from "../../src/records/raw-metric.ts";
import { seriesId } from "../../src/records/series-identity.ts";
import { recordsOf } from "../helpers/memory-storage.ts";
import { rawRecord } from "../helpers/queues.ts";
import { counts, NOW, point, RAW, setUp, WRAPPED } from "./aggregate-rig.ts";

const wrapper = datadogWrapper({ aggregates: ["max", "count"], percentiles: [] });

function setUpLive(maxSeries = 5000) {
  const live = liveWindows({ interval: 10, keeps: wrapper.keeps, maxSeries });
  const { deps, ...rest } = setUp();
  Object.assign(deps, { live, wrapper, maxSeries });
  return { ...rest, deps, live };
}

function measure(live: LiveWindows, timestamp: number, value: number, more: Partial<Measurement> = {}) {
  const series = { metric: "m", tags: [], id: seriesId("m", []) };
  const measurement = { series, type: "count", timestamp, value, ...more } as Measurement;
  const group = live.find(measurement.series, measurement.type, timestamp);
  if (typeof group === "string") return group;
  return live.add(group, measurement) ? undefined : "memory";
}

const count = (timestamp: number, value: number) =>
  rawRecord({ metric: "m", type: "count", timestamp, value, tags: {} });

const add = (records: ReturnType<typeof count>[]) => ({ add: [{ queue: RAW, records }] }) as const;

describe("a window in memory", () => {
  test("is closed together with the records of its series", async () => {
    const { live, storage, pass } = setUpLive();
    measure(live, NOW - 10, 2);
    await storage.commit(add([count(NOW - 9, 3)]));
    expect(await pass()).toMatchObject({ raw: 1, live: 1, points: 1 });
    expect(await recordsOf(storage, WRAPPED)).toEqual([point(NOW - 15, 5)]);
    expect(await storage.stamps(0, NOW)).toEqual([NOW - 15]);
    expect(live.has(Number.POSITIVE_INFINITY)).toBeFalse();
  });

  test("is kept when the commit fails, and what arrives for it meanwhile is counted once, too", async () => {
    const { live, storage, deps, pass } = setUpLive();
    measure(live, NOW - 10, 2);
    const { commit } = storage;
    deps.storage = { ...storage, commit: () => Promise.reject(new Error("the card is full")) };
    await expect(pass()).rejects.toThrow("the card is full");
    deps.storage = { ...storage, commit };
    measure(live, NOW - 9, 3);
    await pass();
    expect(await recordsOf(storage, WRAPPED)).toEqual([point(NOW - 15, 5)]);
    await pass(true);
    expect(await counts(storage)).toEqual({ sum: 5, doubled: [] });
  });

  test("of more series than one commit takes has one second", async () => {
    const { live, storage, pass } = setUpLive();
    for (let at = 0; at < 1200; at++)
      measure(live, NOW - 10, 1, { series: { metric: `m${at}`, tags: [], id: seriesId(`m${at}`, []) } });
    expect(await pass()).toMatchObject({ live: 1200, points: 1200 });
    expect(await storage.stamps(0, NOW)).toEqual([NOW - 15]);
  });

  test("keeps of two gauges of one moment the one that came last", async () => {
    const { live, storage, pass } = setUpLive();
    measure(live, NOW - 10, 5, { type: "gauge" });
    measure(live, NOW - 10, 3, { type: "gauge" });
    await pass();
    expect(await recordsOf(storage, WRAPPED)).toMatchObject([{ type: "gauge", points: [[NOW - 15, 3]] }]);
  });

  test("takes no more series than MAX_SERIES, but counts on those that it has, and Chouette's own", () => {
    const { live } = setUpLive(1);
    const other = (metric: string) => ({ series: { metric, tags: [], id: seriesId(metric, []) } });
    expect(measure(live, NOW, 1)).toBeUndefined();
    expect(measure(live, NOW, 1, other("n"))).toBe("series");
    expect(measure(live, NOW, 1, other("chouette.n"))).toBeUndefined();
    expect(measure(live, NOW, 1)).toBeUndefined();
    expect(measure(live, NOW + 10, 1, other("n"))).toBeUndefined();
  });

  test("bounds the memory that values take", () => {
    const { live } = setUpLive();
    const refusals = Array.from({ length: 2_500_000 }, () => measure(live, NOW, 1, { type: "histogram" }));
    expect(refusals.indexOf("memory")).toBeGreaterThan(1_900_000);
    expect(measure(live, NOW, 1)).toBe("memory");
    const [largest] = live.take(Number.POSITIVE_INFINITY);
    live.settle(largest?.groups ?? []);
    expect(measure(live, NOW, 1)).toBeUndefined();
  });
});

test("a record of a series beyond MAX_SERIES is removed and counted", async () => {
  const { storage, pass } = setUpLive(1);
  const other = rawRecord({ metric: "n", type: "count", timestamp: NOW - 9, value: 1, tags: {} });
  await storage.commit(add([count(NOW - 10, 3), other]));
  expect(await pass()).toMatchObject({ raw: 1, beyond: { records: 1, metric: "n" } });
  expect(await storage.size(RAW)).toMatchObject({ count: 0 });
});

test("the points of a count sum to what came both ways, whatever the order, the flushes and the failures", async () => {
  const step = fc.record({
    way: fc.constantFrom("record", "live", "pass", "flush", "failure"),
    age: fc.integer({ min: 0, max: 45 }),
    value: fc.integer({ min: 1, max: 100 }),
    time: fc.integer({ min: 0, max: 7 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const { live, storage, deps, clock, pass } = setUpLive();
      let sent = 0;
      for (const { way, age, value, time } of steps) {
        clock.pass(time);
        const at = clock.now() - age;
        if (way === "record") await storage.commit(add([count(at, value)]));
        else if (way === "live") measure(live, at, value);
        else {
          let commits = value % 3;
          const failing = { ...storage };
          failing.commit = (change) =>
            commits-- > 0 ? storage.commit(change) : Promise.reject(new Error("full"));
          deps.storage = way === "failure" ? failing : storage;
          await pass(way === "flush").catch(() => {});
        }
        if (way === "record" || way === "live") sent += value;
      }
      deps.storage = storage;
      for (let rest = 0; rest < 3; rest++) {
        clock.pass(10);
        await pass(true);
      }
      expect(await counts(storage)).toEqual({ sum: sent, doubled: [] });
    }),
    { numRuns: 60 },
  );
});
