import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { encodeSeries } from "../../src/datadog/series.ts";
import { gauge, type Point } from "../../src/model.ts";
import { judge } from "../helpers/intake-rules.ts";

const v1 = { host: "pi", globalTags: [], version: 1 } as const;
const v2 = { host: "pi", globalTags: [], version: 2 } as const;

function count(timestamp: number, value: number, tags: string[] = ["zone:a"]): Point {
  return { metric: "my.count", tags, timestamp, value, type: "count", interval: 10 };
}

test("v1: points of one series share an object, by time", () => {
  expect(encodeSeries([count(1591541280, 3), gauge("g", 0, 1591541275), count(1591541270, 12)], v1)).toBe(
    '{"series":[' +
      '{"metric":"my.count","points":[[1591541270,12],[1591541280,3]],"type":"count","interval":10,"host":"pi","tags":["zone:a"]},' +
      '{"metric":"g","points":[[1591541275,0]],"type":"gauge","host":"pi"}' +
      "]}",
  );
});

test("v2: the same with types as numbers and the host as a resource", () => {
  expect(encodeSeries([count(1591541280, 3), gauge("g", 0, 1591541275), count(1591541270, 12)], v2)).toBe(
    '{"series":[' +
      '{"metric":"my.count","type":1,"points":[{"timestamp":1591541270,"value":12},{"timestamp":1591541280,"value":3}],"interval":10,"resources":[{"type":"host","name":"pi"}],"tags":["zone:a"]},' +
      '{"metric":"g","type":3,"points":[{"timestamp":1591541275,"value":0}],"resources":[{"type":"host","name":"pi"}]}' +
      "]}",
  );
});

test("nothing at all", () => {
  expect(encodeSeries([], v1)).toBe('{"series":[]}');
});

test("global tags join those of the metric, sorted and once; the order of tags makes no second series", () => {
  const points = [
    count(1, 1, ["zone:a", "app:x"]),
    count(2, 2, ["app:x", "zone:a"]),
    count(3, 3, ["app:x", "env:p", "zone:a"]),
  ];
  const text = encodeSeries(points, { ...v1, globalTags: ["env:p", "app:x", "bad tag", "123"] });
  expect(JSON.parse(text).series).toEqual([
    {
      metric: "my.count",
      points: [
        [1, 1],
        [2, 2],
        [3, 3],
      ],
      type: "count",
      interval: 10,
      host: "pi",
      tags: ["app:x", "bad_tag", "env:p", "zone:a"],
    },
  ]);
});

test("tags that are only similar before they are normalized stay two series", () => {
  const { series } = JSON.parse(encodeSeries([count(1, 1, ["a,b"]), count(1, 2, ["a", "b"])], v1));
  expect(series.map(({ tags }: { tags: string[] }) => tags)).toEqual([["a_b"], ["a", "b"]]);
});

test("type, interval, name and tags each make another series; a gauge's interval does not and is not sent", () => {
  const base = { metric: "m", tags: [], timestamp: 1, value: 1 };
  const points: Point[] = [
    { ...base, type: "gauge" },
    { ...base, type: "gauge", interval: 10 },
    { ...base, type: "count", interval: 10 },
    { ...base, type: "count", interval: 20 },
    { ...base, type: "count" },
    { ...base, type: "rate", interval: 10 },
    { ...base, type: "rate", interval: 10, tags: ["a"] },
    { ...base, type: "rate", interval: 10, metric: "m2" },
  ];
  const { series } = JSON.parse(encodeSeries(points, v2));
  expect(
    series.map(({ metric, type, interval, tags, points }: Record<string, unknown[]>) => [
      metric,
      type,
      interval,
      tags,
      points?.length,
    ]),
  ).toEqual([
    ["m", 3, undefined, undefined, 2],
    ["m", 1, 10, undefined, 1],
    ["m", 1, 20, undefined, 1],
    ["m", 1, undefined, undefined, 1],
    ["m", 2, 10, undefined, 1],
    ["m", 2, 10, ["a"], 1],
    ["m2", 2, 10, undefined, 1],
  ]);
});

test("a device is a tag for v1 and a resource for v2", () => {
  const points = [gauge("fs", 1, 1, ["device:/dev/root", "a:b"])];
  expect(JSON.parse(encodeSeries(points, v1)).series[0].tags).toEqual(["a:b", "device:/dev/root"]);
  expect(JSON.parse(encodeSeries(points, v2)).series[0]).toEqual({
    metric: "fs",
    type: 3,
    points: [{ timestamp: 1, value: 1 }],
    resources: [
      { type: "host", name: "pi" },
      { type: "device", name: "/dev/root" },
    ],
    tags: ["a:b"],
  });
});

test.each([1, 2] as const)("v%i names no host when there is none", (version) => {
  const [series] = JSON.parse(encodeSeries([gauge("m", 1, 1)], { host: "", globalTags: [], version })).series;
  expect(Object.keys(series).sort()).toEqual(["metric", "points", "type"]);
});

test("points of one second stay in order: the last is the one that stays", () => {
  expect(JSON.parse(encodeSeries([count(5, 1), count(5, 2), count(5, 3)], v1)).series[0].points).toEqual([
    [5, 1],
    [5, 2],
    [5, 3],
  ]);
});

describe("every point comes out once, in a payload that the intake takes", () => {
  const point: fc.Arbitrary<Point> = fc.record({
    metric: fc.constantFrom("a", "b.c", "proto__", "constructor"),
    tags: fc.subarray(["a:b", "device:sda", "zone:ä", "x"]),
    timestamp: fc.nat(100),
    value: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
    type: fc.constantFrom("count", "gauge", "rate"),
    interval: fc.constantFrom(10, 60),
  });

  test.each([
    ["/api/v1/series", 1],
    ["/api/v2/series", 2],
  ] as const)("%s", (path, version) => {
    fc.assert(
      fc.property(fc.array(point), fc.subarray(["env:p", "x"]), (points, globalTags) => {
        const body = encodeSeries(points, { host: "pi", globalTags, version });
        const size = Buffer.byteLength(body);
        const headers = { "dd-api-key": "k", "content-type": "application/json" };
        const verdict = judge({ method: "POST", path, headers, wireBytes: size, rawBytes: size, body }, "k");
        expect(verdict.status).toBe(202);
        const expected = points.map((p) => ({
          identity: `${p.metric}|${p.type}|${[...new Set([...p.tags, ...globalTags, "host:pi"])].sort().join(",")}`,
          timestamp: p.timestamp,
          value: p.value,
        }));
        const sorted = (list: unknown[] | undefined) => list?.map((item) => JSON.stringify(item)).sort();
        expect(sorted(verdict.points)).toEqual(sorted(expected));
      }),
    );
  });
});
