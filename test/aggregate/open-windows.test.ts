import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { emptyClosed } from "../../src/aggregate/close-window.ts";
import { datadogWrapper } from "../../src/aggregate/datadog-wrapper.ts";
import { entry, joined, opened, pointsOf } from "./rig.ts";

const wrapper = datadogWrapper({ aggregates: ["max", "count"], percentiles: [] });
const rules = { interval: 10, wrapper, newest: 100 };
const points = (entries: Parameters<typeof pointsOf>[0], newest = 100) =>
  pointsOf(entries, { ...rules, newest });

describe("merging", () => {
  test("merges by name, type and tags, whatever is between the records in the queue", () => {
    const entries = [
      entry({ timestamp: 101, tags: ["a:1"] }),
      entry({ timestamp: 102, metric: "other" }),
      entry({ timestamp: 109.9, tags: ["a:1"], value: 4 }),
      entry({ timestamp: 103 }),
    ];
    expect(points(entries)).toEqual([
      { metric: "m", type: "count", value: 5, interval: 10, tags: ["a:1"], timestamp: 100 },
      { metric: "other", type: "count", value: 1, interval: 10, tags: [], timestamp: 100 },
      { metric: "m", type: "count", value: 1, interval: 10, tags: [], timestamp: 100 },
    ]);
  });

  test("a gauge keeps the value with the latest timestamp, whatever came last", () => {
    const entries = [
      entry({ type: "gauge", timestamp: 108, value: 8 }),
      entry({ type: "gauge", timestamp: 103, value: 3 }),
    ];
    expect(points(entries).map(({ value }) => value)).toEqual([8]);
  });

  test("a set counts its elements once, over all its records", () => {
    const set = (value: string[], timestamp: number) => entry({ type: "set", value, timestamp });
    expect(points([set(["a", "b"], 101), set(["b", "c"], 105), set([], 106)])).toEqual([
      { metric: "m", type: "count", value: 3, interval: 10, tags: [], timestamp: 100 },
    ]);
  });

  test("a window is [start, start + interval)", () => {
    const entries = [entry({ timestamp: 109.999 }), entry({ timestamp: 110 }), entry({ timestamp: 100 })];
    expect(points(entries, 110).map(({ timestamp, value }) => [timestamp, value])).toEqual([
      [100, 2],
      [110, 1],
    ]);
  });
});

describe("seconds", () => {
  test("the n-th part of a window has its n-th second", () => {
    expect(pointsOf([entry({ timestamp: 101 })], rules, new Set([100, 101]))).toEqual([
      { metric: "m", type: "count", value: 1, interval: 10, tags: [], timestamp: 102 },
    ]);
  });

  test("metrics without a free second in their window are counted in the newest", () => {
    const used = new Set(Array.from({ length: 10 }, (_, second) => 50 + second));
    const late = entry({ timestamp: 51, value: 3 });
    const closed = joined(opened([late, entry({ timestamp: 101 })], rules).closeAll(used));
    expect(closed.points).toEqual([
      { metric: "m", type: "count", value: 4, interval: 10, tags: [], timestamp: 100 },
    ]);
    expect(closed.stamps).toEqual([100]);
  });

  test("metrics without a free second there either are left", () => {
    const used = new Set(Array.from({ length: 10 }, (_, second) => 100 + second));
    const late = entry({ timestamp: 101 });
    const { left, ...closed } = joined(opened([late], rules).closeAll(used));
    const { left: _, ...nothing } = emptyClosed();
    expect(closed).toEqual(nothing);
    expect(left.map(({ keys }) => keys)).toEqual([[late.key]]);
  });

  test("two metrics that come to one series get two seconds", () => {
    const entries = [
      entry({ timestamp: 101, value: 5 }),
      entry({ timestamp: 102, type: "set", value: ["a"] }),
    ];
    const closed = joined(opened(entries, rules).closeAll(new Set()));
    expect(closed.points.map(({ timestamp, value }) => [timestamp, value])).toEqual([
      [100, 5],
      [101, 1],
    ]);
    expect(closed.stamps).toEqual([100, 101]);
  });

  test("a histogram beside a metric that has the name of its aggregate", () => {
    const entries = [
      entry({ timestamp: 101, metric: "h.max", value: 5 }),
      entry({ timestamp: 102, metric: "h", type: "histogram", value: 9 }),
    ];
    expect(points(entries).map(({ metric, timestamp }) => [metric, timestamp])).toEqual([
      ["h.max", 100],
      ["h.max", 101],
      ["h.count", 101],
    ]);
  });
});

test("metrics that the wrapper cannot convert are rejected, the rest is not lost", () => {
  const bad = [entry({ timestamp: 101, value: 1.7e308 }), entry({ timestamp: 101, value: 1.7e308 })];
  const good = entry({ timestamp: 101, metric: "good" });
  const closed = joined(opened([...bad, good], rules).closeAll(new Set()));
  expect(closed.points.map(({ metric }) => metric)).toEqual(["good"]);
  expect(closed.keys).toEqual([good.key]);
  expect(closed.refused).toEqual([
    {
      keys: bad.map(({ key }) => key),
      reason: "m comes to Infinity, which is not a number that can be sent",
    },
  ]);
});

test("the range of seconds covers the windows that are closed and the newest one", () => {
  const windows = opened([entry({ timestamp: 57 }), entry({ timestamp: 113 })], rules);
  expect(windows.seconds(windows.before(Number.POSITIVE_INFINITY).windows)).toEqual([50, 120]);
  expect(windows.seconds([])).toEqual([100, 110]);
});

test("windows that begin before a time are returned in order, without the newest one, and may open again once they are closed", () => {
  const windows = opened(
    [70, 51, 55, 101].map((timestamp) => entry({ timestamp })),
    rules,
  );
  const { windows: ended, records } = windows.before(110);
  expect([ended.map(({ start }) => start), records]).toEqual([[50, 70], 3]);
  expect(
    joined(windows.close(ended, new Set())).points.map(({ timestamp, value }) => [timestamp, value]),
  ).toEqual([
    [50, 2],
    [70, 1],
  ]);
  windows.add(entry({ timestamp: 52 }));
  expect(windows.before(60).records).toBe(1);
});

test("nothing is lost or counted twice, and no series has two values at one second, however the records are cut into batches", () => {
  const raw = fc.record({
    metric: fc.constantFrom("a", "b"),
    type: fc.constantFrom("count" as const, "set" as const),
    second: fc.integer({ min: 0, max: 39 }),
  });
  fc.assert(
    fc.property(
      fc.array(raw, { maxLength: 60 }),
      fc.array(fc.integer({ min: 1, max: 9 })),
      fc.integer({ min: 1, max: 12 }),
      (raws, cuts, interval) => {
        const entries = raws.map(({ metric, type, second }, index) =>
          entry({ metric, type, timestamp: second, value: type === "set" ? [`${index}`] : 1 } as never),
        );
        const used = new Set<number>();
        const taken = new Map<string, number>();
        let sum = 0;
        let left = 0;
        for (let at = 0, cut = 0; at < entries.length; cut++) {
          const size = cuts[cut] ?? 10;
          const newest = Math.floor(39 / interval) * interval;
          const windows = opened(entries.slice(at, at + size), { interval, wrapper, newest });
          const closed = joined(windows.closeAll(used));
          for (const second of closed.stamps) used.add(second);
          for (const { metric, timestamp, value } of closed.points) {
            expect(taken.has(`${metric}@${timestamp}`)).toBe(false);
            taken.set(`${metric}@${timestamp}`, value);
            sum += value;
          }
          left += closed.left.flatMap(({ keys }) => keys).length;
          at += size;
        }
        expect(sum + left).toBe(entries.length);
      },
    ),
  );
});
