import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { closeWindows, stampRange } from "../../src/aggregate/close-windows.ts";
import { datadogWrapper } from "../../src/aggregate/datadog-wrapper.ts";
import type { Entry } from "../../src/aggregate/merge.ts";
import type { Measurement } from "../../src/records/raw-metric.ts";
import { seriesId } from "../../src/records/series-identity.ts";

const wrapper = datadogWrapper({ aggregates: ["max", "count"], percentiles: [] });
const rules = { interval: 10, wrapper, newest: 100, used: new Set<number>() };

let keys = 0;
type Given = Partial<Omit<Measurement, "series">> & { timestamp: number; metric?: string; tags?: string[] };
function entry({ metric = "m", tags = [], ...given }: Given): Entry {
  const series = { metric, tags, id: seriesId(metric, tags) };
  return {
    key: `k${keys++}`,
    measurement: { series, type: "count", value: 1, ...given } as Measurement,
  };
}
const points = (entries: readonly Entry[], more: Partial<typeof rules> = {}) =>
  closeWindows(entries, { ...rules, ...more }).points;

describe("merging", () => {
  test("by name, type and tags, whatever lies between them in the queue", () => {
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
    expect(points(entries, { newest: 110 }).map(({ timestamp, value }) => [timestamp, value])).toEqual([
      [100, 2],
      [110, 1],
    ]);
  });
});

describe("seconds", () => {
  test("the n-th part of a window has its n-th second", () => {
    expect(points([entry({ timestamp: 101 })], { used: new Set([100, 101]) })).toEqual([
      { metric: "m", type: "count", value: 1, interval: 10, tags: [], timestamp: 102 },
    ]);
  });

  test("what finds no second in its own window is counted in the newest", () => {
    const used = new Set(Array.from({ length: 10 }, (_, second) => 50 + second));
    const closed = closeWindows([entry({ timestamp: 51, value: 3 }), entry({ timestamp: 101 })], {
      ...rules,
      used,
    });
    expect(closed.points).toEqual([
      { metric: "m", type: "count", value: 4, interval: 10, tags: [], timestamp: 100 },
    ]);
    expect(closed.stamps).toEqual([100]);
  });

  test("what finds none there either is left", () => {
    const used = new Set(Array.from({ length: 10 }, (_, second) => 100 + second));
    const late = entry({ timestamp: 101 });
    expect(closeWindows([late], { ...rules, used })).toEqual({
      points: [],
      stamps: [],
      keys: [],
      refused: [],
      left: [late],
    });
  });

  test("two metrics that come to one series get two seconds", () => {
    const entries = [
      entry({ timestamp: 101, value: 5 }),
      entry({ timestamp: 102, type: "set", value: ["a"] }),
    ];
    const closed = closeWindows(entries, rules);
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
    expect(closeWindows(entries, rules).points.map(({ metric, timestamp }) => [metric, timestamp])).toEqual([
      ["h.max", 100],
      ["h.max", 101],
      ["h.count", 101],
    ]);
  });
});

test("what the wrapper cannot do is refused, the rest is not lost", () => {
  const closed = closeWindows(
    [
      entry({ timestamp: 101, value: 1.7e308 }),
      entry({ timestamp: 101, value: 1.7e308 }),
      entry({ timestamp: 101, metric: "good" }),
    ],
    rules,
  );
  expect(closed.points.map(({ metric }) => metric)).toEqual(["good"]);
  expect(closed.refused.map(({ reason }) => reason)).toEqual(
    Array(2).fill("m comes to Infinity, which is not a number that can be sent"),
  );
});

test("the range of seconds covers every window and the newest one", () => {
  expect(stampRange([entry({ timestamp: 57 }), entry({ timestamp: 113 })], rules)).toEqual([50, 120]);
  expect(stampRange([], rules)).toEqual([100, 110]);
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
          const closed = closeWindows(entries.slice(at, at + size), { interval, wrapper, newest, used });
          for (const second of closed.stamps) used.add(second);
          for (const { metric, timestamp, value } of closed.points) {
            expect(taken.has(`${metric}@${timestamp}`)).toBe(false);
            taken.set(`${metric}@${timestamp}`, value);
            sum += value;
          }
          left += closed.left.length;
          at += size;
        }
        expect(sum + left).toBe(entries.length);
      },
    ),
  );
});
