import type { Distribution, Point, Sketch } from "../model.ts";
import { metricName } from "../records/normalize.ts";
import { seriesId } from "../records/series-identity.ts";
import { isValue } from "../records/value.ts";
import { foldValues, foldWeights } from "./fold.ts";
import { sketchOf } from "./sketch.ts";
import type { Group } from "./window.ts";
import type { Wrapped, Wrapper } from "./wrapper.ts";

export type ClosedWindow = {
  points: Point[];
  distributions: Distribution[];
  /** Distributions of many values. */
  sketches: Sketch[];
  /** Seconds that the points took. */
  stamps: number[];
  /** Keys of the records that are in the points. */
  keys: string[];
  /** The groups of live windows that are in the points, or refused. */
  live: Group[];
  /** Records that the wrapper could not turn into points, and why; `live`: the series, where none of it is a record. */
  refused: { keys: string[]; reason: string; live?: string | undefined }[];
  /** Groups for which no second was free; they wait. */
  left: Group[];
};

/**
 * Closes a window, or what came since it was closed last, in slices: each call gives the points of some of its groups. All points
 * of the window share the first free second: the intake keeps one value per series and second, so a second is never used twice
 * for a series. Two metrics that come to the same series (a set and a count of one name) get two seconds.
 */
export function windowCloser(
  interval: number,
  wrapper: Wrapper,
  freeSeconds: readonly number[],
  mostValues: number,
): (groups: readonly Group[]) => ClosedWindow {
  const parts: Set<string>[] = [];
  return (groups) => closeGroups(groups, { interval, wrapper, freeSeconds, mostValues }, parts);
}

type CloseRules = {
  interval: number;
  wrapper: Wrapper;
  freeSeconds: readonly number[];
  /** Values of a distribution above which a sketch is sent instead. */
  mostValues: number;
};

/** `parts`: the series that have a point at each of the free seconds so far. */
function closeGroups(
  groups: readonly Group[],
  { interval, wrapper, freeSeconds, mostValues }: CloseRules,
  parts: Set<string>[],
): ClosedWindow {
  const closed = emptyClosed();
  for (const group of groups) {
    const { tags } = group.series;
    const wrapped = wrap(group, interval, wrapper);
    if (typeof wrapped === "string") {
      const live = group.live && JSON.stringify([group.type, group.series]);
      closed.refused.push({ keys: group.keys, reason: wrapped, ...(live !== undefined && { live }) });
      for (const one of group.live ?? []) closed.live.push(one);
      continue;
    }
    const isDistribution = group.type === "distribution";
    const series = isDistribution ? [group.series.id] : wrapped.map(({ metric }) => idOf(metric, group));
    const part = partWithout(series, parts);
    const timestamp = freeSeconds[part];
    if (timestamp === undefined) {
      closed.left.push(group);
      continue;
    }
    for (const name of series) parts[part]?.add(name);
    if (isDistribution) addDistribution(closed, group, timestamp, mostValues);
    for (const { metric, type, value, interval } of wrapped)
      closed.points.push({
        metric,
        tags,
        timestamp,
        value,
        type,
        ...(interval !== undefined && { interval }),
      });
    for (const key of group.keys) closed.keys.push(key);
    for (const one of group.live ?? []) closed.live.push(one);
  }
  closed.stamps = freeSeconds.slice(0, parts.filter((part) => part.size > 0).length);
  return closed;
}

export function emptyClosed(): ClosedWindow {
  return {
    points: [],
    distributions: [],
    sketches: [],
    stamps: [],
    keys: [],
    live: [],
    refused: [],
    left: [],
  };
}

/** A value that stands for several is repeated, where there are few. */
function addDistribution(
  { distributions, sketches }: ClosedWindow,
  { series: { metric, tags }, fold }: Group,
  timestamp: number,
  mostValues: number,
): void {
  const values = foldValues(fold);
  const weights = foldWeights(fold);
  const count = weights === undefined ? values.length : weights.reduce((total, weight) => total + weight, 0);
  if (count > mostValues) sketches.push({ metric, tags, timestamp, ...sketchOf(values, weights) });
  else {
    const repeated = values.flatMap((value, index) => Array<number>(weights?.[index] ?? 1).fill(value));
    // Sorted: the order of arrival does not matter, and it compresses well.
    distributions.push({ metric, tags, timestamp, values: repeated.sort((a, b) => a - b) });
  }
}

/** Returns the wrapper's values with normalized names, or the reason why there are none. */
function wrap({ series, type, fold }: Group, interval: number, wrapper: Wrapper): Wrapped[] | string {
  const { metric: given, tags } = series;
  if (type === "distribution") return [];
  const wrapped: Wrapped[] = [];
  try {
    const merged = { metric: given, type, tags, interval, values: foldValues(fold) };
    const weights = foldWeights(fold);
    for (const point of wrapper(weights === undefined ? merged : { ...merged, weights })) {
      const metric = point.metric === given ? given : metricName(point.metric);
      if (metric === undefined) {
        const name = JSON.stringify(point.metric.slice(0, 200));
        return `the wrapper gave the name ${name}, which has no letter from A to Z`;
      }
      if (!isValue(point.value))
        return `${metric} comes to ${point.value}, which is not a number that can be sent`;
      wrapped.push(metric === point.metric ? point : { ...point, metric });
    }
  } catch (error) {
    return `the wrapper failed: ${error instanceof Error ? error.message : error}`;
  }
  if (wrapped.length < 2) return wrapped;
  const names = new Set(wrapped.map(({ metric }) => metric));
  return names.size === wrapped.length ? wrapped : "the wrapper gave one metric two values";
}

function idOf(metric: string, { series }: Group): string {
  return metric === series.metric ? series.id : seriesId(metric, series.tags);
}

/** Index of the first part that has none of the series; a new part when all have. */
function partWithout(series: readonly string[], parts: Set<string>[]): number {
  const index = parts.findIndex((part) => !series.some((name) => part.has(name)));
  return index === -1 ? parts.push(new Set()) - 1 : index;
}
