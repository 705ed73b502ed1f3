import type { Point, PointType } from "../model.ts";
import { unitOf } from "../records/metric-unit.ts";
import { seriesId } from "../records/series-identity.ts";
import { isValue } from "../records/value.ts";

export type SeriesOptions = {
  /** Host of points that name none; empty: none is named. */
  host: string;
  version: 1 | 2;
};

/**
 * The JSON text that /api/v1/series or /api/v2/series takes (https://docs.datadoghq.com/api/latest/metrics/#submit-metrics).
 * Points of one series (metric, type, interval, host and tags, which are normalized) share one object, by timestamp: names and
 * tags, which are most of the bytes, go over the wire once. Points of one second are merged, in the order they came in.
 * Throws RangeError when they come to no finite number.
 */
export function encodeSeries(points: readonly Point[], options: SeriesOptions): string {
  const shape = options.version === 1 ? shapeV1 : shapeV2;
  return JSON.stringify({
    series: groupBySeries(points, options.host).map(shape),
  });
}

type Series = {
  metric: string;
  type: PointType;
  /** Seconds; never with gauges, where it means nothing. */
  interval: number | undefined;
  tags: readonly string[];
  host: string;
  points: Point[];
};

function groupBySeries(points: readonly Point[], ownHost: string): Series[] {
  const groups = new Map<string, Series>();
  for (const point of points) {
    const { metric, type, tags, host = ownHost } = point;
    const interval = type === "gauge" ? undefined : point.interval;
    const identity = `${type}|${interval}|${seriesId(metric, tags)}|${host}`;
    const series = groups.get(identity);
    if (series === undefined) groups.set(identity, { metric, type, interval, tags, host, points: [point] });
    else series.points.push(point);
  }
  return [...groups.values()].map((series) => ({ ...series, points: mergeSeconds(series.points) }));
}

/**
 * The points of a series by time, one for each second, since the intake keeps only the last that it is given for one. Those
 * that Chouette builds never share a second. Those that the Python agent left may: their times have fractions. Where two
 * of them come into two payloads, nothing is merged, and the intake keeps the later one.
 */
function mergeSeconds(points: readonly Point[]): Point[] {
  const merged: Point[] = [];
  for (const point of [...points].sort((a, b) => a.timestamp - b.timestamp)) {
    const last = merged.at(-1);
    if (last?.timestamp === point.timestamp) merged[merged.length - 1] = mergeTwo(last, point);
    else merged.push(point);
  }
  return merged;
}

function mergeTwo(earlier: Point, later: Point): Point {
  if (later.type === "gauge") return later;
  const value = earlier.value + later.value;
  if (isValue(value)) return { ...later, value };
  throw new RangeError(`${later.metric} comes to ${value}, which is not a number that can be sent`);
}

/** `{"metric":"my.count","points":[[1591541270,12]],"type":"count","interval":10,"host":"pi","tags":["zone:a"]}` */
function shapeV1({ host, ...series }: Series): object {
  return {
    metric: series.metric,
    points: series.points.map((point) => [point.timestamp, point.value]),
    type: series.type,
    interval: series.interval,
    host: host === "" ? undefined : host,
    tags: series.tags.length === 0 ? undefined : series.tags,
  };
}

/**
 * `{"metric":"my.count","type":1,"points":[{"timestamp":1591541270,"value":12}],"interval":10,"resources":[{"type":"host","name":"pi"}],"tags":["zone:a"]}`
 * A `device:` tag becomes a resource: Datadog's model of its intake reserves that prefix and wants none among the tags.
 * Chouette's own metrics have a `unit`, by which Datadog labels axes.
 */
function shapeV2({ host, ...series }: Series): object {
  const devices = series.tags.filter((tag) => tag.startsWith(DEVICE));
  const tags = series.tags.filter((tag) => !tag.startsWith(DEVICE));
  const resources = [
    ...(host === "" ? [] : [{ type: "host", name: host }]),
    ...devices.map((tag) => ({ type: "device", name: tag.slice(DEVICE.length) })),
  ];
  return {
    metric: series.metric,
    type: V2_TYPES[series.type],
    points: series.points.map(({ timestamp, value }) => ({ timestamp, value })),
    interval: series.interval,
    unit: unitOf(series.metric),
    resources: resources.length === 0 ? undefined : resources,
    tags: tags.length === 0 ? undefined : tags,
  };
}

const DEVICE = "device:";

/** 0 would be "unspecified" (MetricIntakeType of the API). */
const V2_TYPES: Readonly<Record<PointType, number>> = { count: 1, rate: 2, gauge: 3 };
