import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { judge } from "../../scripts/servers/intake-rules.ts";
import { encodeSeries, type SeriesOptions } from "../../src/datadog/series.ts";
import { gauge, type Point } from "../../src/model.ts";
import { pointBody, pointParser } from "../../src/records/point.ts";

const v1 = { host: "pi", version: 1 } as const;
const v2 = { host: "pi", version: 2 } as const;

function count(timestamp: number, value: number, tags: string[] = ["zone:a"]): Point {
  return { metric: "my.count", tags, timestamp, value, type: "count", interval: 10 };
}

/** The points as they come out of their queue. */
function readWith(globalTags: string[], points: readonly Point[]): Point[] {
  const parse = pointParser(globalTags);
  return points.flatMap((point) => parse(pointBody(point))?.flat() ?? []);
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

test.each([v1, v2])(
  "points of several hosts stay apart, those that name none are of the sender: %j",
  (options) => {
    const points = [
      count(10, 1),
      { ...count(20, 2), host: "garage" },
      { ...count(10, 3), host: "garage" },
      { ...count(20, 4), host: "pi" },
    ];
    const { series } = JSON.parse(encodeSeries(readWith([], points), options));
    const found = series.map(({ host, resources, points }: Record<string, unknown>) => [
      host ?? resources,
      points,
    ]);
    const pairs = (...values: [number, number][]) =>
      options.version === 1 ? values : values.map(([timestamp, value]) => ({ timestamp, value }));
    const of = (name: string) => (options.version === 1 ? name : [{ type: "host", name }]);
    expect(found).toEqual([
      [of("pi"), pairs([10, 1], [20, 4])],
      [of("garage"), pairs([10, 3], [20, 2])],
    ]);
  },
);

test("an empty list is an empty payload", () => {
  expect(encodeSeries([], v1)).toBe('{"series":[]}');
});

test("points of one series share an object, whatever the order of their tags and the global tags among them", () => {
  const points = [
    count(1, 1, ["zone:a", "app:x"]),
    count(2, 2, ["app:x", "zone:a"]),
    count(3, 3, ["app:x", "env:p", "zone:a"]),
  ];
  const text = encodeSeries(readWith(["env:p", "app:x", "bad tag", "123"], points), v1);
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
  const { series } = JSON.parse(
    encodeSeries(readWith([], [count(1, 1, ["a,b"]), count(1, 2, ["a", "b"])]), v1),
  );
  expect(series.map(({ tags }: { tags: string[] }) => tags)).toEqual([["a_b"], ["a", "b"]]);
});

test("type, interval, name and tags each make another series; a gauge's interval does not and is not sent", () => {
  const base = { metric: "m", tags: [], timestamp: 1, value: 1 };
  const points: Point[] = [
    { ...base, type: "gauge" },
    { ...base, type: "gauge", interval: 10, timestamp: 2 },
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
  const [series] = JSON.parse(encodeSeries([gauge("m", 1, 1)], { host: "", version })).series;
  expect(Object.keys(series).sort()).toEqual(["metric", "points", "type"]);
});

describe("points of a series at one second, as the Python agent left them, are one: the intake would keep the last alone", () => {
  const valuesOf = (points: readonly Point[], options: SeriesOptions = v1) =>
    JSON.parse(encodeSeries(points, options)).series.map((series: { points: unknown }) => series.points);

  test("counts are summed", () => {
    const record =
      '{"metric": "old.count", "points": [[1591541270.2, 3], [1591541270.9, 4]], "type": "count"}';
    expect(valuesOf(pointParser([])(record)?.flat() ?? [])).toEqual([[[1591541270, 7]]]);
    expect(valuesOf([count(5, 1), count(6, 8), count(5, 2), count(5, 3)])).toEqual([
      [
        [5, 6],
        [6, 8],
      ],
    ]);
  });

  test("rates are summed", () => {
    const rates = [count(5, 0.5), count(5, 0.25)].map((point): Point => ({ ...point, type: "rate" }));
    expect(valuesOf(rates, v2)).toEqual([[{ timestamp: 5, value: 0.75 }]]);
  });

  test("a gauge keeps the one that came last", () => {
    expect(valuesOf([gauge("g", 9, 5), gauge("g", 1, 4), gauge("g", 2, 5)])).toEqual([
      [
        [4, 1],
        [5, 2],
      ],
    ]);
  });

  test("series that differ in anything stay apart", () => {
    const points = [count(5, 1, ["a"]), count(5, 2, ["b"]), { ...count(5, 3, ["a"]), interval: 20 }];
    expect(valuesOf(points)).toEqual([[[5, 1]], [[5, 2]], [[5, 3]]]);
  });

  test("an infinite sum is an error, because it would make the whole payload invalid", () => {
    expect(() => encodeSeries([count(5, 1.7e308), count(5, 1.7e308)], v1)).toThrow(
      "my.count comes to Infinity, which is not a number that can be sent",
    );
  });
});

describe("every point is in a payload once, and the intake accepts it", () => {
  const arbitrary: fc.Arbitrary<Point> = fc.record({
    metric: fc.constantFrom("a", "b.c", "proto__", "constructor"),
    tags: fc.subarray(["a:b", "device:sda", "zone:ä", "x"]),
    timestamp: fc.nat(20),
    value: fc.double({ noNaN: true, min: -1e38, max: 1e38 }).map((value) => value + 0),
    type: fc.constantFrom("count", "gauge", "rate"),
    interval: fc.constantFrom(10, 60),
  });
  const versions = [
    ["/api/v1/series", 1],
    ["/api/v2/series", 2],
  ] as const;
  /** What the intake sees of a point; points of one series at one second have the same key. */
  const seenOf = ({ metric, type, tags, timestamp, value, interval }: Point, globalTags: string[]) => {
    const identity = `${metric}|${type}|${[...new Set([...tags, ...globalTags, "host:pi"])].sort().join(",")}`;
    const key = `${identity}|${timestamp}|${type === "gauge" ? "" : interval}`;
    return { key, seen: { identity, timestamp, value } };
  };
  const sorted = (list: unknown[] | undefined) => list?.map((item) => JSON.stringify(item)).sort();

  function intakeOf(path: string, version: 1 | 2, points: readonly Point[], globalTags: string[]) {
    const body = encodeSeries(readWith(globalTags, points), { host: "pi", version });
    const size = Buffer.byteLength(body);
    const headers = { "dd-api-key": "k", "content-type": "application/json" };
    const verdict = judge({ method: "POST", path, headers, wireBytes: size, rawBytes: size, body }, "k");
    expect(verdict.status).toBe(202);
    return verdict.points;
  }

  test.each(versions)("%s, unchanged where each has a second of its own", (path, version) => {
    const globalTags = fc.subarray(["env:p", "x"]);
    const list = fc.tuple(globalTags, fc.array(arbitrary)).map(([tags, points]) => {
      const unique = new Map(points.map((point) => [seenOf(point, tags).key, point]));
      return [tags, [...unique.values()]] as const;
    });
    fc.assert(
      fc.property(list, ([tags, points]) => {
        const expected = points.map((point) => seenOf(point, tags).seen);
        expect(sorted(intakeOf(path, version, points, tags))).toEqual(sorted(expected));
      }),
    );
  });

  test.each(versions)("%s, merged where several share one", (path, version) => {
    const close = arbitrary.map((point) => ({ ...point, timestamp: point.timestamp % 2, tags: [] }));
    fc.assert(
      fc.property(fc.array(close), (points) => {
        const expected = new Map<string, { value: number }>();
        for (const point of points) {
          const { key, seen } = seenOf(point, []);
          const before = point.type === "gauge" ? 0 : (expected.get(key)?.value ?? 0);
          expected.set(key, { ...seen, value: before + point.value });
        }
        expect(sorted(intakeOf(path, version, points, []))).toEqual(sorted([...expected.values()]));
      }),
    );
  });
});
