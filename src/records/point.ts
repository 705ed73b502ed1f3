import { parseJson } from "../json/parse-json.ts";
import type { Point, PointType } from "../model.ts";
import type { Moment } from "./moment.ts";
import { type OnManyTags, type ReadSeries, seriesReader } from "./series-identity.ts";
import { isValue } from "./value.ts";

/** Reads a record of points; undefined when it is not one. */
export type ParsePoint = (body: string) => Point[] | undefined;

/**
 * The parser of records of `chouette:metrics:wrapped`, e.g.
 * `{"metric": "my.count", "tags": ["zone:a"], "points": [[1591541270, 12]], "type": "count", "interval": 10, "host": "pi"}`.
 * It may be from the Python agent that ran here before: timestamps with a fraction, several points, no type (a gauge then,
 * as the API has it), no interval, `null` for no tags, and never a host. The global tags become part of the series.
 */
export function pointParser(globalTags: readonly string[], onManyTags?: OnManyTags): ParsePoint {
  const readSeries = seriesReader(globalTags, onManyTags);
  return (body) => {
    const record = parseObject(body);
    return record && readPoints(record, readSeries);
  };
}

/**
 * The record that a `ParsePoint` reads, with the fields in the order in which the Python agent wrote them; `later` are further
 * points of the same series. `moment` is given while the clock is not confirmed.
 */
export function pointBody(point: Point, later: readonly Point[] = [], moment?: Moment): string {
  const { metric, tags, type, interval, host } = point;
  const points = [point, ...later].map(({ timestamp, value }) => [timestamp, value]);
  return JSON.stringify({ metric, tags, points, type, interval, host, ...moment });
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

function parseObject(body: string): Record<string, unknown> | undefined {
  const record = parseJson(body);
  return typeof record === "object" && record !== null ? (record as Record<string, unknown>) : undefined;
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
