import { parseJson } from "../json/parse-json.ts";
import type { Point, PointType } from "../model.ts";
import { metricName, tagList } from "./normalize.ts";

/**
 * The points of a record of `chouette:metrics:wrapped`, e.g.
 * `{"metric": "my.count", "tags": ["zone:a"], "points": [[1591541270, 12]], "type": "count", "interval": 10}`.
 * It may be from the Python agent that ran here before: timestamps with a fraction, several points, no type (a gauge then,
 * as the API has it), no interval, `null` for no tags. Undefined when it is no such record.
 */
export function parsePoint(body: string): Point[] | undefined {
  const record = parseObject(body);
  if (record === undefined) return undefined;
  const metric = typeof record.metric === "string" ? metricName(record.metric) : undefined;
  const tags = readTags(record.tags);
  const type = readType(record.type);
  const pairs = readPairs(record.points);
  if (metric === undefined || tags === undefined || type === undefined || pairs === undefined)
    return undefined;
  const interval = readInterval(record.interval);
  return pairs.map(([timestamp, value]) => ({
    metric,
    tags,
    timestamp: Math.floor(timestamp),
    value,
    type,
    ...(interval !== undefined && { interval }),
  }));
}

/**
 * The record that `parsePoint` reads, with the fields in the order in which the Python agent wrote them; `later` are further
 * points of the same series.
 */
export function pointBody(point: Point, later: readonly Point[] = []): string {
  const { metric, tags, type, interval } = point;
  const points = [point, ...later].map(({ timestamp, value }) => [timestamp, value]);
  return JSON.stringify({ metric, tags, points, type, interval });
}

function parseObject(body: string): Record<string, unknown> | undefined {
  const record = parseJson(body);
  return typeof record === "object" && record !== null ? (record as Record<string, unknown>) : undefined;
}

function readTags(tags: unknown): string[] | undefined {
  if (tags === undefined || tags === null) return [];
  if (!Array.isArray(tags)) return undefined;
  return tags.every((tag) => typeof tag === "string") ? tagList(tags) : undefined;
}

function readType(type: unknown): PointType | undefined {
  if (type === undefined || type === null || type === "") return "gauge";
  return type === "count" || type === "gauge" || type === "rate" ? type : undefined;
}

/** What is no whole number of seconds is left out: the intake takes a point without interval, but no other one. */
function readInterval(interval: unknown): number | undefined {
  return Number.isSafeInteger(interval) && Number(interval) > 0 ? Number(interval) : undefined;
}

function readPairs(points: unknown): [timestamp: number, value: number][] | undefined {
  if (!Array.isArray(points) || points.length === 0) return undefined;
  const good = points.every(
    (pair) => Array.isArray(pair) && pair.length === 2 && pair.every(Number.isFinite),
  );
  return good ? points : undefined;
}
