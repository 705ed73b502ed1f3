import { describe, expect, test } from "bun:test";
import { datadogWrapper } from "../../src/aggregate/datadog-wrapper.ts";
import { simpleWrapper } from "../../src/aggregate/simple-wrapper.ts";
import type { Merged } from "../../src/aggregate/wrapper.ts";

const datadog = datadogWrapper({ aggregates: ["max", "median", "avg", "count"], percentiles: [0.95] });
const merged = (type: Merged["type"], values: number[]): Merged => ({
  metric: "m",
  type,
  tags: [],
  interval: 10,
  values,
});

describe("datadog", () => {
  test.each([
    ["count", [1, 2, 3.5], [{ metric: "m", type: "count", value: 6.5, interval: 10 }]],
    ["count", [0], [{ metric: "m", type: "count", value: 0, interval: 10 }]],
    ["gauge", [5, 3, 4], [{ metric: "m", type: "gauge", value: 4 }]],
    ["gauge", [0], [{ metric: "m", type: "gauge", value: 0 }]],
    ["rate", [5, 15], [{ metric: "m", type: "rate", value: 2, interval: 10 }]],
    ["set", [3], [{ metric: "m", type: "count", value: 3, interval: 10 }]],
    [
      "histogram",
      [4, 1, 3, 2],
      [
        { metric: "m.max", type: "gauge", value: 4 },
        { metric: "m.median", type: "gauge", value: 2.5 },
        { metric: "m.avg", type: "gauge", value: 2.5 },
        { metric: "m.count", type: "rate", value: 0.4, interval: 10 },
        { metric: "m.95percentile", type: "gauge", value: 3.8499999999999996 },
      ],
    ],
  ] as const)("%s of %p", (type, values, expected) => {
    expect(datadog(merged(type, [...values]))).toEqual([...expected]);
  });

  test("histograms have the configured aggregates and percentiles, named as Datadog names them", () => {
    const wrapper = datadogWrapper({ aggregates: ["min", "sum"], percentiles: [0.5, 0.99, 0.999, 0.07] });
    expect(wrapper(merged("histogram", [1, 2])).map(({ metric, value }) => [metric, value])).toEqual([
      ["m.min", 1],
      ["m.sum", 3],
      ["m.50percentile", 1.5],
      ["m.99percentile", 1.99],
      ["m.100percentile", 1.999],
      ["m.7percentile", 1.07],
    ]);
  });
});

describe("a name of full length is cut for its suffix", () => {
  const long = "n".repeat(200);

  test("so that every value of a histogram keeps its own name", () => {
    const names = datadog({ ...merged("histogram", [1, 2, 30]), metric: long }).map(({ metric }) => metric);
    expect(names).toEqual(
      ["max", "median", "avg", "count", "95percentile"].map(
        (name) => `${"n".repeat(199 - name.length)}.${name}`,
      ),
    );
  });

  test("and the count of the simple wrapper keeps its name", () => {
    const names = simpleWrapper({ ...merged("gauge", [1]), metric: long }).map(({ metric }) => metric);
    expect(names).toEqual([long, `${"n".repeat(194)}.count`]);
  });
});

describe("simple", () => {
  test("sums counts", () => {
    expect(simpleWrapper(merged("count", [1, 2]))).toEqual([
      { metric: "m", type: "count", value: 3, interval: 10 },
    ]);
  });

  test.each(["gauge", "rate", "histogram"] as const)(
    "keeps the average of a %s, and how many values it had",
    (type) => {
      expect(simpleWrapper(merged(type, [1, 2, 6]))).toEqual([
        { metric: "m", type: "gauge", value: 3 },
        { metric: "m.count", type: "count", value: 3, interval: 10 },
      ]);
    },
  );
});
