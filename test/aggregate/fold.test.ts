import { expect, test } from "bun:test";
import fc from "fast-check";
import { datadogWrapper } from "../../src/aggregate/datadog-wrapper.ts";
import { simpleWrapper } from "../../src/aggregate/simple-wrapper.ts";
import type { Entry } from "../../src/aggregate/window.ts";
import type { Merged, Wrapper } from "../../src/aggregate/wrapper.ts";
import { entry, pointsOf } from "./rig.ts";

/** What a wrapper is given when all measurements of a window are kept and sorted at its end. */
function mergedWhole(entries: readonly Entry[], interval: number): { merged: Merged; timestamp: number }[] {
  const groups = new Map<string, Entry[]>();
  for (const one of entries) {
    const { series, type, timestamp } = one.measurement;
    const key = JSON.stringify([Math.floor(timestamp / interval), series.id, type]);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].map((group) => {
    const [first] = group;
    if (first === undefined) throw new Error("an empty group");
    const { series, type, timestamp } = first.measurement;
    const sets = group.flatMap(({ measurement }) => (measurement.type === "set" ? measurement.value : []));
    const values = group
      .flatMap(({ measurement: it }) => (it.type === "set" ? [] : [{ at: it.timestamp, value: it.value }]))
      .sort((a, b) => a.at - b.at || a.value - b.value)
      .map(({ value }) => value);
    const { metric, tags } = series;
    if (type === "distribution") throw new Error("no wrapper is given distributions");
    return {
      merged: { metric, tags, type, interval, values: type === "set" ? [new Set(sets).size] : values },
      timestamp: Math.floor(timestamp / interval) * interval,
    };
  });
}

const histogram = {
  aggregates: ["max", "median", "avg", "count", "sum", "min"],
  percentiles: [0.5, 0.95],
} as const;
const everyValue: Wrapper = ({ metric, values }) =>
  values.map((value, i) => ({ metric: `${metric}.${i}`, type: "gauge", value }));

test.each<[string, Wrapper]>([
  ["datadog", datadogWrapper(histogram)],
  ["simple", simpleWrapper],
  ["custom", everyValue],
])(
  "the %s wrapper gives the same points as when all values are kept, in whatever order they come",
  (_, wrapper) => {
    // Quarters are exact in any order of addition.
    const value = fc.integer({ min: -400, max: 400 }).map((quarters) => quarters / 4);
    const numeric = fc.record({
      metric: fc.constantFrom("a", "b"),
      tags: fc.constantFrom(["x"], ["x", "y"]),
      timestamp: fc.integer({ min: 0, max: 159 }).map((quarters) => quarters / 4),
      value,
    });
    const one = fc.tuple(
      numeric,
      fc.constantFrom(
        "count" as const,
        "gauge" as const,
        "rate" as const,
        "histogram" as const,
        "set" as const,
      ),
      fc.array(fc.constantFrom("p", "q", "r"), { maxLength: 3 }),
    );
    fc.assert(
      fc.property(fc.array(one, { maxLength: 80 }), (raws) => {
        // Each type has a name of its own: two metrics of one series would share no second.
        const entries = raws.map(([given, type, elements]) =>
          entry({
            ...given,
            metric: `${given.metric}.${type}`,
            type,
            ...(type === "set" && { value: elements }),
          } as never),
        );
        const expected = mergedWhole(entries, 10).flatMap(({ merged, timestamp }) =>
          wrapper(merged).map((point) => ({ ...point, tags: merged.tags, timestamp })),
        );
        const texts = (points: readonly object[]) =>
          points.map((point) => JSON.stringify(Object.entries(point).sort())).sort();
        const given = pointsOf(entries.toReversed(), { interval: 10, wrapper, newest: 30 });
        expect(texts(given)).toEqual(texts(expected));
      }),
      { numRuns: 150 },
    );
  },
);
