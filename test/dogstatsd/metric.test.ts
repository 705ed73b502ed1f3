import { describe, expect, test } from "bun:test";
import { parseMetric, type Sample } from "../../src/dogstatsd/metric.ts";

const plain = { rate: 1, tags: [], lost: 0 };

describe("the values of a metric", () => {
  test("are packed for every type but the set, whose elements may contain colons", () => {
    for (const type of ["c", "g", "h", "d", "ms"] as const)
      expect(parseMetric(`a:1:2:3|${type}`)).toEqual({ ...plain, metric: "a", type, values: [1, 2, 3] });
    expect(parseMetric("a:1:2:3|s")).toEqual({ ...plain, metric: "a", type: "s", values: "1:2:3" });
  });

  test("may be empty, which is ignored", () => {
    expect(parseMetric("a:21::22:|d")).toEqual({ ...plain, metric: "a", type: "d", values: [21, 22] });
    expect(parseMetric("a:::|d")).toBeUndefined();
  });

  test("make the whole line malformed when one is not a number", () => {
    expect(parseMetric("a:1:x:3|c")).toBeUndefined();
  });

  test("are left out when not finite, and the line is malformed when none is finite", () => {
    expect(parseMetric("a:1:nan:-inf:1e999|c")).toEqual({
      ...plain,
      metric: "a",
      type: "c",
      values: [1],
      lost: 3,
    });
    expect(parseMetric("a:nan:inf|c")).toBeUndefined();
  });

  test("are left out when infinite after division by the rate", () => {
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

describe("the rate of a metric", () => {
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
  ])("%s reads as %p: 1 for any number outside (0, 1]", (text, rate) => {
    expect(parseMetric(`a:1|c|@${text}`)).toEqual({ ...plain, metric: "a", type: "c", values: [1], rate });
  });

  test.each(["", "x", " 0.5", "0,5", "50%"])("%p makes the line malformed", (text) => {
    expect(parseMetric(`a:1|c|@${text}`)).toBeUndefined();
  });
});

describe("the time of a metric", () => {
  test("is a whole second from 1 on", () => {
    expect(parseMetric("a:1|h|T1656581400")).toEqual({
      ...plain,
      metric: "a",
      type: "h",
      values: [1],
      timestamp: 1656581400,
    });
  });

  test.each(["", "0", "-1", "1.5", "1e9", "0x10", "99999999999999999999", " 1"])(
    "%p makes the line malformed",
    (text) => {
      expect(parseMetric(`a:1|g|T${text}`)).toBeUndefined();
    },
  );
});

test("the fields of a metric come in any order, and those of origin detection are ignored", () => {
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

test("the tags of a metric keep their order, case, blanks and repetitions", () => {
  expect(parseMetric("a:1|g|# B:b ,a:A,a:A,url:http://x:80/?q=1")?.tags).toEqual([
    " B:b ",
    "a:A",
    "a:A",
    "url:http://x:80/?q=1",
  ]);
});

test.each(["G", "m", " g", "g ", "gauge", "", "constructor"])("%p is not a type", (type) => {
  expect(parseMetric(`a:1|${type}`)).toBeUndefined();
});

test.each([":1|g", "a|g", "a:|g", "a:|s", "|g", "a:1", "a", "|", ":", ""])("%p is not a metric", (line) => {
  expect(parseMetric(line)).toBeUndefined();
});
