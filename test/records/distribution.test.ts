import { describe, expect, test } from "bun:test";
import {
  distributionParser,
  distributionRecord,
  sketchParser,
  sketchRecord,
} from "../../src/records/distribution.ts";

const HEAD = { metric: "page.load", tags: ["zone:a"], timestamp: 1_591_541_270 };
const SKETCH = {
  ...HEAD,
  count: 3,
  min: 12,
  max: 15,
  sum: 42,
  bins: [[1498, 1] as const, [1513, 2] as const],
};

describe("a distribution's record", () => {
  test("waits at its second and is read as it was written, with the global tags", () => {
    const record = distributionRecord({ ...HEAD, values: [12, 15.5], host: "pi5" }, "k");
    expect(record).toEqual({
      key: "k",
      at: 1_591_541_270,
      body: '{"metric":"page.load","tags":["zone:a"],"timestamp":1591541270,"values":[12,15.5],"host":"pi5"}',
    });
    expect(distributionParser(["env:prod"])(record.body)).toEqual({
      ...HEAD,
      tags: ["env:prod", "zone:a"],
      values: [12, 15.5],
      host: "pi5",
    });
  });

  test.each([[[]], [["1"]], [[null]], [5], [[1e39]]])("is none with the values %j", (values) => {
    expect(distributionParser([])(JSON.stringify({ ...HEAD, values }))).toBeUndefined();
  });

  test.each([
    "",
    "null",
    "[]",
    '{"values":[1]}',
    '{"metric":"5","values":[1],"timestamp":1}',
    '{"metric":"m","values":[1]}',
  ])("is none: %s", (body) => {
    expect(distributionParser([])(body)).toBeUndefined();
  });
});

describe("a sketch's record", () => {
  test("waits at its second and is read as it was written", () => {
    const record = sketchRecord(SKETCH, "k");
    expect(record.at).toBe(1_591_541_270);
    expect(sketchParser([])(record.body)).toEqual(SKETCH);
  });

  test.each([
    { count: 0 },
    { count: 1.5 },
    { min: null },
    { sum: "42" },
    { bins: [] },
    { bins: [[1]] },
    { bins: [[40_000, 1]] },
    { bins: [[1, 0]] },
    { bins: [[1, 5e9]] },
  ])("is none with %j", (wrong) => {
    expect(sketchParser([])(JSON.stringify({ ...SKETCH, ...wrong }))).toBeUndefined();
  });
});
