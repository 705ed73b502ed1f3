import { describe, expect, test } from "bun:test";
import { datadogWrapper } from "../../src/aggregate/datadog-wrapper.ts";
import type { Entry } from "../../src/aggregate/window.ts";
import type { Wrapper } from "../../src/aggregate/wrapper.ts";
import { pointBody, pointParser } from "../../src/records/point.ts";
import { joined, opened, entry as rigEntry } from "./rig.ts";

const entry = (metric: string, value = 1) => rigEntry({ metric, type: "histogram", value, timestamp: 101 });
const close = (entries: Entry[], wrapper: Wrapper) =>
  joined(opened(entries, { interval: 10, wrapper, newest: 100 }).closeAll(new Set()));

describe("names that a wrapper gives", () => {
  const gauges = (...names: string[]) =>
    names.map((metric) => ({ metric, type: "gauge" as const, value: 0 }));

  test("are normalized before anything is compared: two metrics of one series get two seconds", () => {
    const { points } = close([entry("a"), entry("b")], ({ metric }) =>
      gauges(metric === "a" ? "one name" : "one_name"),
    );
    expect(points.map(({ metric, timestamp }) => [metric, timestamp])).toEqual([
      ["one_name", 100],
      ["one_name", 101],
    ]);
  });

  test.each([
    [["a b", "a_b"], "the wrapper gave one metric two values"],
    [["n".repeat(201), "n".repeat(202)], "the wrapper gave one metric two values"],
    [["good", "12\n"], 'the wrapper gave the name "12\\n", which has no letter from A to Z'],
    [["good", ""], 'the wrapper gave the name "", which has no letter from A to Z'],
  ])("%j are refused", (names, reason) => {
    const one = entry("a");
    expect(close([one], () => gauges(...names))).toEqual({
      points: [],
      distributions: [],
      sketches: [],
      stamps: [],
      keys: [],
      live: [],
      refused: [{ keys: [one.key], reason }],
      left: [],
    });
  });

  test("of a histogram with a long name stay distinct", () => {
    const metric = "n".repeat(200);
    const wrapper = datadogWrapper({ aggregates: ["max", "count"], percentiles: [] });
    const { points } = close(
      [1, 2, 30].map((value) => entry(metric, value)),
      wrapper,
    );
    expect(points.flatMap((point) => pointParser([])(pointBody(point))?.flat() ?? [])).toEqual(points);
    expect(points.map((point) => point.metric)).toEqual([
      `${"n".repeat(196)}.max`,
      `${"n".repeat(194)}.count`,
    ]);
  });
});
