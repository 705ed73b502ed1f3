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
  ["a:3|d", [{ ...common, type: "histogram", value: 3 }]],
  ["a:3:4|s", [{ ...common, type: "set", value: ["3:4"] }]],
])("%s", (line, expected) => {
  expect(raw(line)).toEqual(expected);
});

test("names and tags are left as received", () => {
  expect(raw("a b:1|g|#Z,y,y")).toEqual([
    { ...common, metric: "a b", tags: ["Z", "y", "y"], type: "gauge", value: 1 },
  ]);
});

describe("rates", () => {
  test("scale a count up", () => {
    expect(values("a:3:5|c|@0.1")).toEqual([30, 50]);
  });

  test("outside (0, 1] leave a count as it is", () => {
    for (const rate of ["0", "-1", "2", "NaN"]) expect(values(`a:3|c|@${rate}`)).toEqual([3]);
  });

  test("play no part for gauges and sets", () => {
    expect(values("a:3|g|@0.1")).toEqual([3]);
    expect(values("a:3|s|@0.1")).toEqual([["3"]]);
  });

  test("repeat a histogram's value as often as whole measurements stand behind it", () => {
    expect(values("a:3:5|h|@0.5")).toEqual([3, 3, 5, 5]);
    expect(values("a:3|ms|@0.35")).toEqual([3, 3]);
    expect(values("a:3|d|@1")).toEqual([3]);
  });

  test("do not let one line become more than a thousand values", () => {
    expect(values("a:3|h|@0.001")).toHaveLength(1000);
    expect(values("a:3|h|@1e-300")).toHaveLength(1000);
    expect(values("a:3:4:5|h|@0.0001")).toHaveLength(999);
  });

  test("and the thousand is no limit for values that were really sent", () => {
    expect(values(`a${":1".repeat(3000)}|h|@0.1`)).toHaveLength(3000);
  });
});

describe("time", () => {
  test("is the client's where it gave one, of every type", () => {
    for (const type of ["c", "g", "h", "s"])
      expect(raw(`a:1|${type}|T1656581000`).map(({ timestamp }) => timestamp)).toEqual([1656581000]);
  });

  test("in the future, milliseconds for instance, is the time of arrival", () => {
    expect(raw("a:1|c|T1656581400250").map(({ timestamp }) => timestamp)).toEqual([NOW]);
  });
});

test("of a packed gauge the last value is left", () => {
  expect(values("a:9:1:5|g")).toEqual([5]);
});

test("every number is finite, whatever the rate", () => {
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
