import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parseDatagram } from "../../src/dogstatsd/datagram.ts";
import { toRawMetrics } from "../../src/dogstatsd/raw-metrics.ts";
import type { RawMetric } from "../../src/model.ts";

const NOW = 1656581400.25;
const common = { metric: "a", tags: [] as string[], timestamp: NOW };

test.each<[string, RawMetric[]]>([
  ["a:3|c", [{ ...common, type: "count", value: 3 }]],
  ["a:3|g", [{ ...common, type: "gauge", value: 3 }]],
  ["a:3|h", [{ ...common, type: "histogram", value: 3 }]],
  ["a:3|ms", [{ ...common, type: "histogram", value: 3 }]],
  ["a:3|d", [{ ...common, type: "distribution", value: 3, weight: 1 }]],
  ["a:3:4|d|@0.1", [3, 4].map((value) => ({ ...common, type: "distribution", value, weight: 10 }))],
  ["a:3:4|s", [{ ...common, type: "set", value: ["3:4"] }]],
])("%s", (line, expected) => {
  expect(raw(line)).toEqual(expected);
});

test("raw metrics keep names and tags as received", () => {
  expect(raw("a b:1|g|#Z,y,y")).toEqual([
    { ...common, metric: "a b", tags: ["Z", "y", "y"], type: "gauge", value: 1 },
  ]);
});

describe("the rate of a line", () => {
  test("scales a count up", () => {
    expect(values("a:3:5|c|@0.1")).toEqual([30, 50]);
  });

  test("leaves a count unchanged outside (0, 1]", () => {
    for (const rate of ["0", "-1", "2", "NaN"]) expect(values(`a:3|c|@${rate}`)).toEqual([3]);
  });

  test("does not affect gauges and sets", () => {
    expect(values("a:3|g|@0.1")).toEqual([3]);
    expect(values("a:3|s|@0.1")).toEqual([["3"]]);
  });

  test("repeats a histogram value for each whole measurement it stands for", () => {
    expect(values("a:3:5|h|@0.5")).toEqual([3, 3, 5, 5]);
    expect(values("a:3|ms|@0.35")).toEqual([3, 3]);
    expect(values("a:3|d|@1")).toEqual([3]);
  });

  test("makes at most a thousand values of one line", () => {
    expect(values("a:3|h|@0.001")).toHaveLength(1000);
    expect(values("a:3|h|@1e-300")).toHaveLength(1000);
    expect(values("a:3:4:5|h|@0.0001")).toHaveLength(999);
  });

  test("does not limit values that were actually sent", () => {
    expect(values(`a${":1".repeat(3000)}|h|@0.1`)).toHaveLength(3000);
  });
});

describe("the time of a raw metric", () => {
  test("is the client's if the line has one, for every type", () => {
    for (const type of ["c", "g", "h", "s"])
      expect(raw(`a:1|${type}|T1656581000`).map(({ timestamp }) => timestamp)).toEqual([1656581000]);
  });

  test("is the time of arrival if the client's is in the future, such as milliseconds", () => {
    expect(raw("a:1|c|T1656581400250").map(({ timestamp }) => timestamp)).toEqual([NOW]);
  });
});

test("a packed gauge becomes its last value", () => {
  expect(values("a:9:1:5|g")).toEqual([5]);
});

test("every value is finite, whatever the rate", () => {
  const number = fc.double().map(String);
  fc.assert(
    fc.property(number, number, fc.constantFrom("c", "g", "h"), (value, rate, type) => {
      for (const each of values(`a:${value}:7|${type}|@${rate}`)) expect(Number.isFinite(each)).toBe(true);
    }),
  );
});

function raw(line: string): RawMetric[] {
  return parseDatagram(line).metrics.flatMap((sample) => toRawMetrics(sample, NOW));
}

function values(line: string): RawMetric["value"][] {
  return raw(line).map(({ value }) => value);
}
