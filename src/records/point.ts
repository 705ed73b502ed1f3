import { parseJson } from "../json/parse-json.ts";
import type { Point, PointType } from "../model.ts";
import type { Moment } from "./moment.ts";
import { type OnManyTags, type ReadSeries, seriesReader } from "./series-identity.ts";
import { isValue } from "./value.ts";

/** Reads a record of points as the points of each series in it; undefined when it is not one. */
export type ParsePoints = (body: string) => Point[][] | undefined;

/**
 * The parser of records of `chouette:metrics:wrapped`, e.g.
 * `{"metric": "my.count", "tags": ["zone:a"], "points": [[1591541270, 12]], "type": "count", "interval": 10, "host": "pi"}`.
 * It may be from the Python agent that ran here before: timestamps with a fraction, several points, no type (a gauge then,
 * as the API has it), no interval, `null` for no tags, and never a host. A record of several series has such objects in `series`.
 * The global tags become part of the series.
 */
export function pointParser(globalTags: readonly string[], onManyTags?: OnManyTags): ParsePoints {
  const readSeries = seriesReader(globalTags, onManyTags);
  return (body) => {
    const record = parseJson(body);
    const series = seriesOf(record) ?? [record];
    const points = series.flatMap((one) => {
      const read = isObject(one) ? readPoints(one, readSeries) : undefined;
      return read === undefined ? [] : [read];
    });
    return points.length === series.length ? points : undefined;
  };
}

/**
 * The record that a `ParsePoints` reads, with the fields in the order in which the Python agent wrote them; `later` are further
 * points of the same series. `moment` is given while the clock is not confirmed.
 */
export function pointBody(point: Point, later: readonly Point[] = [], moment?: Moment): string {
  const { metric, tags, type, interval, host } = point;
  const points = [point, ...later].map(({ timestamp, value }) => [timestamp, value]);
  return JSON.stringify({ metric, tags, points, type, interval, host, ...moment });
}

/** The record of several series that a `ParsePoints` reads, made of their own records. */
export function packBody(series: readonly string[], moment?: Moment): string {
  const fields = moment === undefined ? "" : `,${JSON.stringify(moment).slice(1, -1)}`;
  return `{"series":[${series.join(",")}]${fields}}`;
}

/** Returns a record of several series with some of them only, by their places, and the number of their points. */
export function onlySeries(body: string, places: ReadonlySet<number>): { body: string; weight: number } {
  const record = parseJson(body);
  const series = (seriesOf(record) ?? []).filter((_, place) => places.has(place));
  const weights = series.map((one) => (isObject(one) && Array.isArray(one.points) ? one.points.length : 1));
  return {
    body: JSON.stringify({ ...Object(record), series }),
    weight: weights.reduce((sum, weight) => sum + weight, 0),
  };
}

/** Undefined for a record of one series. */
function seriesOf(record: unknown): unknown[] | undefined {
  return isObject(record) && Array.isArray(record.series) && record.series.length > 0
    ? record.series
    : undefined;
}

function readPoints(record: Record<string, unknown>, readSeries: ReadSeries): Point[] | undefined {
  const { metric: name, tags } = record;
  const series = typeof name === "string" && areTags(tags) ? readSeries(name, tags) : undefined;
  const type = readType(record.type);
  const pairs = readPairs(record.points);
  if (series === undefined || type === undefined || pairs === undefined) return undefined;
  const interval = readInterval(record.interval);
  const host = readHost(record.host);
  return pairs.map(([timestamp, value]) => ({
    metric: series.metric,
    tags: series.tags,
    timestamp: Math.floor(timestamp),
    value,
    type,
    ...(interval !== undefined && { interval }),
    ...(host !== undefined && { host }),
  }));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function areTags(tags: unknown): boolean {
  if (tags === undefined || tags === null) return true;
  return Array.isArray(tags) && tags.every((tag) => typeof tag === "string");
}

function readType(type: unknown): PointType | undefined {
  if (type === undefined || type === null || type === "") return "gauge";
  return type === "count" || type === "gauge" || type === "rate" ? type : undefined;
}

/** Leaves out an interval that is not a whole number of seconds: the intake accepts a point without one, but no fraction. */
function readInterval(interval: unknown): number | undefined {
  return Number.isSafeInteger(interval) && Number(interval) > 0 ? Number(interval) : undefined;
}

/** Leaves out what the intake does not take as a host: an empty name, or one over 255 bytes. */
function readHost(host: unknown): string | undefined {
  return typeof host === "string" && host !== "" && new TextEncoder().encode(host).length <= 255
    ? host
    : undefined;
}

/** A value may be `true`, which is 1 in Python: the Python agent passed on what an application wrote. */
function readPairs(points: unknown): [timestamp: number, value: number][] | undefined {
  if (!Array.isArray(points) || points.length === 0) return undefined;
  const pairs: [number, number][] = [];
  for (const pair of points) {
    if (!Array.isArray(pair) || pair.length !== 2) return undefined;
    const [timestamp, given]: readonly unknown[] = pair;
    const value = typeof given === "boolean" ? Number(given) : given;
    if (typeof timestamp !== "number" || !Number.isFinite(timestamp) || !isValue(value)) return undefined;
    pairs.push([timestamp, value]);
  }
  return pairs;
}
