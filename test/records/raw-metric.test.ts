import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type Measurement, rawMetricParser } from "../../src/records/raw-metric.ts";
import { seriesId } from "../../src/records/series-identity.ts";

const parseRawMetric = (body: string, globalTags: string[]) => rawMetricParser(globalTags)(body);
const parse = (record: unknown) => parseRawMetric(JSON.stringify(record), []);
const record = { metric: "my.count", type: "count", value: 1, timestamp: 1591541270.99, tags: { zone: "a" } };

const series = (metric: string, tags: string[]) => ({ metric, tags, id: seriesId(metric, tags) });

function tagsIn(metric: Measurement | string): readonly string[] {
  if (typeof metric === "string") throw new Error(metric);
  return metric.series.tags;
}

describe("what an application wrote", () => {
  test("as the contract has it", () => {
    expect(parse(record)).toEqual({
      series: series("my.count", ["zone:a"]),
      type: "count",
      value: 1,
      timestamp: 1591541270.99,
    });
  });

  test("a set's value is a list, its elements are texts", () => {
    expect(parse({ ...record, type: "set", value: ["a", 1, 1.5, true, null, { a: 1 }] })).toEqual({
      series: series("my.count", ["zone:a"]),
      type: "set",
      value: ["a", "1", "1.5", "True", "None", '{"a":1}'],
      timestamp: 1591541270.99,
    });
  });

  test("tags are sorted, without duplicates, with the global ones among them", () => {
    const body = JSON.stringify({ ...record, tags: { zone: "a", ok: true, n: 2, no: null, b: "ü x" } });
    expect(tagsIn(parseRawMetric(body, ["zone:a", "env:prod"]))).toEqual([
      "b:ü_x",
      "env:prod",
      "n:2",
      "no:None",
      "ok:True",
      "zone:a",
    ]);
  });

  test.each(["count", "gauge", "rate", "histogram"])("a %s of True is one of 1, and of False 0", (type) => {
    for (const value of [true, false])
      expect(parse({ ...record, type, value })).toMatchObject({ type, value: value ? 1 : 0 });
  });

  test.each([
    [
      '{"serial": 10000000000000001, "other": 10000000000000003}',
      ["other:10000000000000003", "serial:10000000000000001"],
    ],
    ['["id:1", 10000000000000001, -9223372036854775809, 1.50]', ["id:1"]],
    ['{"firmware": 2.0, "n": 2, "ok": true, "no": null}', ["firmware:2.0", "n:2", "no:None", "ok:True"]],
    [
      '{"tiny": 1e-05, "small": 0.00001, "large": 1e16, "half": 0.50}',
      ["half:0.5", "large:1e_16", "small:1e-05", "tiny:1e-05"],
    ],
    ['{"text": "2.50", "also": ",10000000000000001"}', ["also:_10000000000000001", "text:2.50"]],
    ['{"list": [1, 2.0, "a"]}', ["list:_1_2.0__a__"]],
    ['{"a": 1.0, "a": 2.0, "__proto__": 3.0}', ["a:2.0", "proto__:3.0"]],
    [
      '{"a": {"isLosslessNumber": true, "value": "2.0"}, "b": 2.0}',
      ["a:__isLosslessNumber_:true__value_:_2.0__", "b:2.0"],
    ],
    ['{"never": 1e999}', ["never:None"]],
  ])("numbers in tags %s are as Python prints them", (tags, expected) => {
    const body = (before: string, after: string) =>
      `{${before}"metric": "m", "type": "gauge", "value": 2.5, "timestamp": 1591541270.99${after}}`;
    for (const text of [
      body("", `, "tags": ${tags}`),
      body(`"tags": ${tags}, `, ""),
      body("", `, "\u0074ags": ${tags}`),
    ])
      expect(parseRawMetric(text, [])).toMatchObject({
        type: "gauge",
        value: 2.5,
        series: { tags: expected },
      });
  });

  test("elements of a set are told apart by all of their digits, and are as Python prints them", () => {
    const body = (value: string) =>
      `{"metric": "m", "type": "set", "value": ${value}, "timestamp": 1591541270.99, "tags": {}}`;
    expect(parseRawMetric(body("[9007199254740993,9007199254740992, 9007199254740994]"), [])).toMatchObject({
      value: ["9007199254740993", "9007199254740992", "9007199254740994"],
    });
    expect(parseRawMetric(body('[2.0, 1e-05, 2, "2", NaN, true, [10000000000000001]]'), [])).toMatchObject({
      value: ["2.0", "1e-05", "2", "2", "None", "True", "[10000000000000001]"],
    });
  });

  test.each([
    [undefined, []],
    [null, []],
    ["a:b", []],
    [
      ["b:2", "a:1"],
      ["a:1", "b:2"],
    ],
    [{}, []],
    [{ "": "" }, []],
  ])("tags %p are %p", (tags, expected) => {
    expect(tagsIn(parse({ ...record, tags }))).toEqual(expected);
  });

  test("equal tags are one list, those of usual length", () => {
    const parser = rawMetricParser([]);
    const tagsOf = (length: number) =>
      tagsIn(parser(JSON.stringify({ ...record, tags: { a: "x".repeat(length) } })));
    expect(tagsOf(400)).toBe(tagsOf(400));
    expect(tagsOf(500)).toEqual(tagsOf(400)); // Cut to the same 200 bytes.
    expect(tagsOf(500)).not.toBe(tagsOf(500));
  });

  test("tags that are only similar to those of an earlier record are not taken for them", () => {
    const parser = rawMetricParser([]);
    const tagsOf = (tags: string) => tagsIn(parser(JSON.stringify(record).replace('{"zone":"a"}', tags)));
    expect([tagsOf('{"a":"b\\nc"}'), tagsOf('{"a\\nb":"c"}')]).toEqual([["a:b_c"], ["a_b:c"]]);
    expect([tagsOf('{"a":null}'), tagsOf('{"a":"null"}')]).toEqual([["a:None"], ["a:null"]]);
    expect([tagsOf('{"a":1e999}'), tagsOf('["a:1e999"]')]).toEqual([["a:None"], ["a:1e999"]]);
  });

  test("the tags of a record do not depend on those before, wherever one text is cut into names and values", () => {
    const pieces = fc.array(fc.constantFrom("a", "b", "\n", "\\", '":"', '","'), { maxLength: 7 });
    const cut = fc.record({ at: fc.nat(7), isList: fc.boolean() });
    fc.assert(
      fc.property(pieces, fc.array(cut, { minLength: 2, maxLength: 8 }), (text, cuts) => {
        const parser = rawMetricParser([]);
        for (const { at, isList } of cuts) {
          const [name, value] = [text.slice(0, at).join(""), text.slice(at + 1).join("")];
          const body = JSON.stringify({ ...record, tags: isList ? [name, value] : { [name]: value } });
          expect(parser(body)).toEqual(parseRawMetric(body, []));
        }
      }),
      { numRuns: 500 },
    );
  });

  test("names with __proto__ are names like others", () => {
    const body =
      '{"__proto__": {"metric": "x"}, "metric": "__proto__", "type": "gauge", "value": 0, "timestamp": 1, "tags": {"__proto__": "a"}}';
    expect(parseRawMetric(body, [])).toEqual({
      series: series("proto__", ["proto__:a"]),
      type: "gauge",
      value: 0,
      timestamp: 1,
    });
    expect(({} as { metric?: string }).metric).toBeUndefined();
  });

  test("control characters, emoji and 10 kB in names and tags are normalized", () => {
    const metric = parse({
      ...record,
      metric: `my\u0000 metric\u{1F600}${"x".repeat(10_000)}`,
      tags: { "k\n": "v".repeat(10_000) },
    });
    expect(metric).toEqual({
      series: series(`my__metric_${"x".repeat(189)}`, [`k_:${"v".repeat(197)}`]),
      type: "count",
      value: 1,
      timestamp: 1591541270.99,
    });
  });
});

describe("the reason why a record is not a metric", () => {
  test.each([
    ["a string", "1"],
    ["null", null],
    ["nested", { a: 1 }],
    ["a list", [1]],
    ["missing", undefined],
    ["1 MB of text", "x".repeat(1_000_000)],
  ])("a value that is %s", (_, value) => {
    expect(parse({ ...record, value })).toBe("its value is not a finite number");
  });

  test.each(["NaN", "Infinity", "-Infinity", "1e400", "-1e400"])(
    "a value of %s, as Python writes it",
    (value) => {
      const body = `{"metric": "m", "type": "gauge", "value": ${value}, "timestamp": 1, "tags": {}}`;
      expect(parseRawMetric(body, [])).toBe("its value is not a finite number");
    },
  );

  test("a value that is over a 32-bit float, which the intake does not take", () => {
    expect(parse({ ...record, value: 3.4e38 })).toMatchObject({ value: 3.4e38 });
    for (const value of [3.5e38, -1e300])
      expect(parse({ ...record, value })).toBe(
        `its value ${value} is over 3.4e38, the largest that the intake takes`,
      );
  });

  test.each([
    [{ ...record, type: "timer" }, 'its type "timer" is unknown'],
    [{ ...record, type: `\n${"x".repeat(1000)}` }, `its type "\\n${"x".repeat(97)} is unknown`],
    [{ ...record, type: { a: 1 } }, 'its type {"a":1} is unknown'],
    [{ ...record, type: undefined }, "it has no type"],
    [{ ...record, type: null }, "it has no type"],
    [{ ...record, type: "set", value: "abc" }, "its value is not a list, as that of a set is"],
    [{ ...record, metric: undefined }, "it has no name"],
    [{ ...record, metric: "" }, "it has no name"],
    [{ ...record, metric: 5 }, "it has no name"],
    [{ ...record, metric: "123" }, 'its name "123" has no letter from A to Z'],
    [{ ...record, timestamp: "1591541270" }, "its timestamp is not a number"],
    [{ ...record, timestamp: null }, "its timestamp is not a number"],
    [[record], "it is not a JSON object"],
    [null, "it is not a JSON object"],
    ["text", "it is not a JSON object"],
    [1, "it is not a JSON object"],
  ])("%j", (bad, reason) => {
    expect(parse(bad)).toBe(reason);
  });

  test.each(["", "{", "nonsense", '{"metric": "m"', "\u0000"])("the text %j", (body) => {
    expect(parseRawMetric(body, [])).toBe("it is not JSON");
  });

  test.each(["tags", "type", "value", "metric", "x"])("%s that nests 45,000 lists", (field) => {
    const nested = `${"[".repeat(45_000)}${"]".repeat(45_000)}`;
    const body = JSON.stringify({ ...record, type: "set", value: ["a"], [field]: ["DEEP"] });
    expect(parseRawMetric(body.replace('"DEEP"', nested), [])).toBe("it nests deeper than 100 levels");
  });

  test("whatever the text, it never throws", () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (body) => void parseRawMetric(body, [])));
    fc.assert(fc.property(fc.object(), (extra) => void parse({ ...record, ...extra })));
  });
});
