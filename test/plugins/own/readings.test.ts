import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { shapeReadings } from "../../../src/plugins/own/readings.ts";
import type { Capture } from "../../../src/plugins/plugin.ts";

const AT = 1_700_000_000.75;
const SECOND = 1_700_000_000;
const MAX_POINTS = 3000;
const good = { metric: "a", value: 1 };
const goodPoint = { metric: "a", tags: [] as string[], timestamp: SECOND, value: 1, type: "gauge" as const };

test("readings become points at the capture's second, tags sorted and without duplicates", () => {
  const readings = [
    { metric: "temp", value: 21.5, tags: ["room:attic", "floor:2", "room:attic"] },
    { metric: "temp", value: 0, tags: ["room:cellar"], type: "gauge" },
    { metric: "temp", value: 19, tags: ["room:cellar"], timestamp: 1_699_999_990.9 },
    { metric: "door", value: 3, type: "count", interval: 30 },
  ];
  expect(shape(readings)).toEqual({
    points: [
      { metric: "temp", tags: ["floor:2", "room:attic"], timestamp: SECOND, value: 21.5, type: "gauge" },
      { metric: "temp", tags: ["room:cellar"], timestamp: SECOND, value: 0, type: "gauge" },
      { metric: "temp", tags: ["room:cellar"], timestamp: 1_699_999_990, value: 19, type: "gauge" },
      { metric: "door", tags: [], timestamp: SECOND, value: 3, type: "count", interval: 30 },
    ],
  });
});

test("a text is a DogStatsD line, for the windows of applications", () => {
  const lines = ["job.duration:320|ms|#job:backup", "_e{1,1}:a|b", "a:1|g"];
  expect(shape([good, ...lines])).toEqual({ points: [goodPoint], lines });
  expect(shape(["a:1|c", "odd", "a:1|c\nb:1|c"])).toMatchObject({
    lines: ["a:1|c"],
    reason: "2 of 3 readings left out, first: reading 1 is not a line of DogStatsD",
  });
});

describe("an invalid reading costs only itself", () => {
  const SHAPE = "metric and value, and optionally tags, type, interval and timestamp";
  const SECONDS = "Unix seconds, not milliseconds";
  const INTERVAL = "interval, the seconds that the value covers, if and only if type is count";
  const bad: [words: string, reading: unknown][] = [
    [`expects ${SHAPE}, got null`, null],
    [`metric expects ${SHAPE}, got undefined`, { value: 1 }],
    [`tag expects ${SHAPE}, got "tag"`, { ...good, tag: ["x"] }],
    ['metric expects a name, got " "', { ...good, metric: " " }],
    ["metric expects a name, got 7", { ...good, metric: 7 }],
    ['value expects a finite number, got "1"', { ...good, value: "1" }],
    ["value expects a finite number, got NaN", { ...good, value: Number.NaN }],
    ["value expects a finite number, got Infinity", { ...good, value: Number.POSITIVE_INFINITY }],
    ["value expects a number below 2^63, got 18446744073709552000", { ...good, value: 2 ** 64 }],
    ["value expects a finite number, got null", { ...good, value: null }],
    ["tags expects a list, got Object", { ...good, tags: { room: "attic" } }],
    ['tags.1 expects texts such as "room:attic", got 1', { ...good, tags: ["a", 1] }],
    ['type expects gauge or count, got "rate"', { ...good, type: "rate" }],
    [`timestamp expects ${SECONDS}, got 1700000000000`, { ...good, timestamp: 1_700_000_000_000 }],
    [`timestamp expects ${SECONDS}, got NaN`, { ...good, timestamp: Number.NaN }],
    [`expects ${INTERVAL}, got Object`, { ...good, type: "count" }],
    [`expects ${INTERVAL}, got Object`, { ...good, interval: 10 }],
    ["interval expects whole seconds, got 0.5", { ...good, type: "count", interval: 0.5 }],
    ["interval expects whole seconds, got 0", { ...good, type: "count", interval: 0 }],
  ];

  test.each(bad)("%s", (words, reading) => {
    expect(shape([good, reading])).toEqual({
      points: [goodPoint],
      reason: `1 of 2 readings left out, first: reading 1 ${words}`,
      remedy: 'Return readings such as { metric: "my.temp", value: 21.5, tags: ["room:attic"] }.',
    });
    expect(() => shape([reading])).toThrow(`1 of 1 readings left out, first: reading 0 ${words}`);
  });

  test("as does one that comes twice: a series has one value at a second", () => {
    const twice = [
      { metric: "a", value: 1, tags: ["x", "y"] },
      { metric: "a", value: 2, tags: ["y", "x"], timestamp: SECOND },
    ];
    expect(shape(twice)).toEqual({
      points: [{ ...goodPoint, tags: ["x", "y"] }],
      reason: expect.stringMatching(/^1 of 2 readings left out, first: reading 1 .*earlier/),
      remedy: 'Return readings such as { metric: "my.temp", value: 21.5, tags: ["room:attic"] }.',
    });
  });
});

test.each<[string, unknown]>([
  ["undefined", undefined],
  ["null", null],
  ["a value of type object", good],
  ["a value of type string", "a:1|g"],
])("%s is not a list", (name, readings) => {
  expect(() => shape(readings)).toThrow(
    `returned ${name} from collect, expected a list such as [{ metric: "my.temp", value: 21.5, tags: ["room:attic"] }]`,
  );
});

test("an empty list is not an error", () => {
  expect(shape([])).toEqual({ points: [], reason: "collect returned an empty list" });
});

test("one reading more than allowed is read from a flood, which shows it, and the rest is ignored", () => {
  const flood = Array.from({ length: MAX_POINTS + 50 }, (_, index) => ({
    metric: `a${index}`,
    value: index,
  }));
  expect(shape(flood).points).toHaveLength(MAX_POINTS + 1);
  expect(shape([null, ...flood, null])).toMatchObject({
    points: { length: MAX_POINTS + 1 },
    reason: expect.stringMatching(/^1 of 3052 readings left out, first: reading 0 /),
  });
});

test("whatever is returned, the points can be sent", () => {
  const likely = fc.record(
    {
      metric: fc.oneof(fc.string(), fc.anything()),
      value: fc.oneof(fc.double(), fc.anything()),
      tags: fc.oneof(fc.array(fc.string()), fc.anything()),
      type: fc.oneof(fc.constantFrom("gauge", "count"), fc.anything()),
      interval: fc.oneof(fc.integer(), fc.anything()),
      timestamp: fc.oneof(fc.double(), fc.anything()),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(likely, fc.anything())), (readings) => {
      const { points } = shape([good, ...readings]);
      const sound = points.filter(
        ({ metric, value, timestamp }) =>
          metric !== "" && Number.isFinite(value) && Number.isSafeInteger(timestamp),
      );
      expect(sound).toEqual(points);
    }),
    { numRuns: 500 },
  );
});

function shape(readings: unknown): Capture {
  return shapeReadings(readings, AT, MAX_POINTS, (what) => new Error(what));
}
