import { describe, expect, test } from "bun:test";
import { parseMetric, type Sample } from "../../src/dogstatsd/metric.ts";

const plain = { rate: 1, tags: [], lost: 0 };

describe("values", () => {
  test("are packed for every type but the set, whose colons are its own", () => {
    for (const type of ["c", "g", "h", "d", "ms"] as const)
      expect(parseMetric(`a:1:2:3|${type}`)).toEqual({ ...plain, metric: "a", type, values: [1, 2, 3] });
    expect(parseMetric("a:1:2:3|s")).toEqual({ ...plain, metric: "a", type: "s", values: "1:2:3" });
  });

  test("may have empty ones between, which are nothing", () => {
    expect(parseMetric("a:21::22:|d")).toEqual({ ...plain, metric: "a", type: "d", values: [21, 22] });
    expect(parseMetric("a:::|d")).toBeUndefined();
  });

  test("that are no number spoil the whole line", () => {
    expect(parseMetric("a:1:x:3|c")).toBeUndefined();
  });

  test("that are not finite are left out; a line of nothing else is malformed", () => {
    expect(parseMetric("a:1:nan:-inf:1e999|c")).toEqual({
      ...plain,
      metric: "a",
      type: "c",
      values: [1],
      lost: 3,
    });
    expect(parseMetric("a:nan:inf|c")).toBeUndefined();
  });

  test("that would be infinite once divided by the rate are left out", () => {
    expect(parseMetric("a:1e308:5|c|@0.1")).toEqual({
      ...plain,
      metric: "a",
      type: "c",
      values: [5],
      rate: 0.1,
      lost: 1,
    });
  });
});

describe("rates", () => {
  test.each([
    ["1", 1],
    ["0.25", 0.25],
    ["1e-3", 0.001],
    ["0", 1],
    ["-0.5", 1],
    ["1.5", 1],
    ["10", 1],
    ["inf", 1],
    ["NaN", 1],
  ])("%s reads as %p: outside (0, 1] it is 1", (text, rate) => {
    expect(parseMetric(`a:1|c|@${text}`)).toEqual({ ...plain, metric: "a", type: "c", values: [1], rate });
  });

  test.each(["", "x", " 0.5", "0,5", "50%"])("%p is none", (text) => {
    expect(parseMetric(`a:1|c|@${text}`)).toBeUndefined();
  });
});

describe("times", () => {
  test("are whole seconds from 1 on", () => {
    expect(parseMetric("a:1|h|T1656581400")).toEqual({
      ...plain,
      metric: "a",
      type: "h",
      values: [1],
      timestamp: 1656581400,
    });
  });

  test.each(["", "0", "-1", "1.5", "1e9", "0x10", "99999999999999999999", " 1"])("%p is none", (text) => {
    expect(parseMetric(`a:1|g|T${text}`)).toBeUndefined();
  });
});

test("fields come in any order, and origin detection's are passed over", () => {
  const expected: Sample = {
    metric: "a.b",
    type: "c",
    values: [1],
    rate: 0.5,
    tags: ["x:1", "y"],
    timestamp: 7,
    lost: 0,
  };
  const fields = ["@0.5", "#x:1,y", "c:ci-abc,in-123", "e:it-false,cn-app", "card:high", "T7"];
  expect(parseMetric(`a.b:1|c|${fields.join("|")}`)).toEqual(expected);
  expect(parseMetric(`a.b:1|c|${fields.reverse().join("|")}`)).toEqual(expected);
});

test("tags are kept as written: order, case, blanks, repetitions", () => {
  expect(parseMetric("a:1|g|# B:b ,a:A,a:A,url:http://x:80/?q=1")?.tags).toEqual([
    " B:b ",
    "a:A",
    "a:A",
    "url:http://x:80/?q=1",
  ]);
});

test.each(["G", "m", " g", "g ", "gauge", "", "constructor"])("%p is no type", (type) => {
  expect(parseMetric(`a:1|${type}`)).toBeUndefined();
});

test.each([":1|g", "a|g", "a:|g", "a:|s", "|g", "a:1", "a", "|", ":", ""])("%p is no metric", (line) => {
  expect(parseMetric(line)).toBeUndefined();
});
