import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Point } from "../../src/model.ts";
import { onlySeries, packBody, pointBody, pointParser } from "../../src/records/point.ts";

const parsePoints = pointParser([]);
const parsePoint = (body: string) => {
  const series = parsePoints(body);
  expect([undefined, 1]).toContain(series?.length);
  return series?.[0];
};

const POINT: Point = {
  metric: "my.count",
  tags: ["zone:a"],
  timestamp: 1591541270,
  value: 12,
  type: "count",
  interval: 10,
};

test("a point is written as the queue has it, and read back the same", () => {
  const body = pointBody(POINT);
  expect(body).toBe(
    '{"metric":"my.count","tags":["zone:a"],"points":[[1591541270,12]],"type":"count","interval":10}',
  );
  expect(parsePoint(body)).toEqual([POINT]);
  const reading: Point = { metric: "m", tags: [], timestamp: 1, value: 0, type: "gauge" };
  expect(pointBody(reading)).toBe('{"metric":"m","tags":[],"points":[[1,0]],"type":"gauge"}');
  expect(parsePoint(pointBody(reading))).toEqual([reading]);
});

test("further points of the series share the record", () => {
  const later = [
    { ...POINT, timestamp: 1591541280, value: 0 },
    { ...POINT, timestamp: 1591541290, value: 3 },
  ];
  const body = pointBody(POINT, later);
  expect(body).toBe(
    '{"metric":"my.count","tags":["zone:a"],"points":[[1591541270,12],[1591541280,0],[1591541290,3]],"type":"count","interval":10}',
  );
  expect(parsePoint(body)).toEqual([POINT, ...later]);
});

describe("a record of several series", () => {
  const other: Point = { metric: "m", tags: [], timestamp: 1591541271, value: 0, type: "gauge" };
  const later = { ...POINT, timestamp: 1591541280, value: 5 };
  const body = packBody([pointBody(POINT, [later]), pointBody(other)]);

  test("is read as the points of each", () => {
    expect(parsePoints(body)).toEqual([[POINT, later], [other]]);
  });

  test("keeps those that are chosen, with the moment of the capture", () => {
    expect(onlySeries(body, new Set([1]))).toEqual({ body: packBody([pointBody(other)]), weight: 1 });
    const moment = { boot: "b", up: 7 };
    const stamped = packBody([pointBody(POINT, [later]), pointBody(other)], moment);
    expect(onlySeries(stamped, new Set([0]))).toEqual({
      body: packBody([pointBody(POINT, [later])], moment),
      weight: 2,
    });
  });

  test.each(['{"series": []}', '{"series": [null]}', `{"series": [${pointBody(POINT)}, {"metric": "m"}]}`])(
    "%s is malformed as a whole",
    (malformed) => expect(parsePoints(malformed)).toBeUndefined(),
  );
});

test("whatever point is written is read back the same", () => {
  const point = fc.record(
    {
      metric: fc.constantFrom("a", "my.count", "Chouette.host.la"),
      tags: fc.constantFrom([], ["a:b"], ["größe:ä", "zone:a"]),
      timestamp: fc.nat(4_000_000_000),
      value: fc.double({ min: -3.4e38, max: 3.4e38, noNaN: true }).map((value) => value + 0),
      type: fc.constantFrom("count" as const, "gauge" as const, "rate" as const),
      interval: fc.integer({ min: 1, max: 86_400 }),
      host: fc.constantFrom("pi", "größe.local", "x".repeat(255)),
    },
    { requiredKeys: ["metric", "tags", "timestamp", "value", "type"] },
  );
  fc.assert(fc.property(point, (written) => expect(parsePoint(pointBody(written))).toEqual([written])));
});

describe("what the Python agent left", () => {
  test("timestamps with a fraction, several points, names and tags as the application gave them", () => {
    const body =
      '{"metric": "my metric", "tags": ["zone:b", "a b:c", "zone:b", "zone:"], "points": [[1591541270.99, 12], [1591541280.0, 0.5]], "type": "rate", "interval": 10.0}';
    const rest = {
      metric: "my_metric",
      tags: ["a_b:c", "zone", "zone:b"],
      type: "rate",
      interval: 10,
    } as const;
    expect(parsePoint(body)).toEqual([
      { ...rest, timestamp: 1591541270, value: 12 },
      { ...rest, timestamp: 1591541280, value: 0.5 },
    ]);
  });

  test.each([
    ["no type", '{"metric": "m", "points": [[1, 2]]}'],
    ["an empty type", '{"metric": "m", "points": [[1, 2]], "type": "", "tags": []}'],
    ["nothing but null", '{"metric": "m", "points": [[1, 2]], "type": null, "tags": null, "interval": null}'],
    ["an interval that is none", '{"metric": "m", "points": [[1, 2]], "interval": 0}'],
    ["a negative one", '{"metric": "m", "points": [[1, 2]], "interval": -10}'],
    ["a fraction of one", '{"metric": "m", "points": [[1, 2]], "interval": 0.5}'],
    ["a text for one", '{"metric": "m", "points": [[1, 2]], "interval": "10"}'],
    ["other keys", '{"metric": "m", "points": [[1, 2]], "device": "old", "__proto__": {"type": "count"}}'],
  ])("%s: a plain gauge", (_, body) => {
    expect(parsePoint(body)).toEqual([{ metric: "m", tags: [], timestamp: 1, value: 2, type: "gauge" }]);
  });
});

test.each([
  "",
  "null",
  "[]",
  "12",
  '"text"',
  "{",
  '{"metric": "m"}',
  '{"metric": "m", "points": []}',
  '{"metric": "m", "points": {}}',
  '{"metric": "m", "points": [[]]}',
  '{"metric": "m", "points": [[1]]}',
  '{"metric": "m", "points": [[1, 2, 3]]}',
  '{"metric": "m", "points": [1, 2]}',
  '{"metric": "m", "points": [["1", 2]]}',
  '{"metric": "m", "points": [[1, "2"]]}',
  '{"metric": "m", "points": [[true, 1]]}',
  '{"metric": "m", "points": [[1, 3.5e38]]}',
  '{"metric": "m", "points": [[1, null]]}',
  '{"metric": "m", "points": [[1, NaN]]}',
  '{"metric": "m", "points": [[1, 1e999]]}',
  '{"metric": "m", "points": [[-1e999, 1]]}',
  '{"metric": "m", "points": [[1, 2], [1, null]]}',
  '{"points": [[1, 2]]}',
  '{"metric": "123", "points": [[1, 2]]}',
  '{"metric": 5, "points": [[1, 2]]}',
  '{"metric": "m", "points": [[1, 2]], "type": "set"}',
  '{"metric": "m", "points": [[1, 2]], "type": 1}',
  '{"metric": "m", "points": [[1, 2]], "tags": "a:b"}',
  '{"metric": "m", "points": [[1, 2]], "tags": {"a": "b"}}',
  '{"metric": "m", "points": [[1, 2]], "tags": ["a", 1]}',
])("%s is not a wrapped point", (body) => {
  expect(parsePoint(body)).toBeUndefined();
});

test("a host that the intake would not take is left out", () => {
  for (const host of ["", null, 5, "x".repeat(256), ["pi"]]) {
    const body = JSON.stringify({ metric: "m", points: [[1, 2]], host });
    expect(parsePoint(body)).toEqual([{ metric: "m", tags: [], timestamp: 1, value: 2, type: "gauge" }]);
  }
});

test("a value that is true or false is 1 or 0, as it is to Python", () => {
  const points = parsePoint('{"metric": "door", "type": "gauge", "points": [[1, true], [2, false]]}');
  expect(points?.map(({ value }) => value)).toEqual([1, 0]);
});
