import type { Measurement } from "../records/raw-metric.ts";
import type { Series } from "../records/series-identity.ts";
import { addToFold, emptyFold, type Fold, mergeFold } from "./fold.ts";
import type { Keeps } from "./wrapper.ts";

/** A measurement and the key of the record that it came from. */
export type Entry = { key: string; measurement: Measurement };

/** All measurements of one series and type in one window; `keys` are those of their records, `bytes` about what it takes. */
export type Group = {
  series: Series;
  type: Measurement["type"];
  keys: string[];
  fold: Fold;
  bytes: number;
  /** The groups of live windows that are merged into it, if any. */
  live: Group[] | undefined;
};

/** The measurements of [start, start + interval), folded by series and type. Other records in the queue do not matter. */
export type Window = {
  /** Unix seconds. */
  start: number;
  /** In the order in which they were met first. */
  groups: Group[];
  bySeries: Map<string, Group[]>;
  /** Records in it. */
  records: number;
  /** About how many bytes it takes: keys, and what grows with the records. */
  bytes: number;
};

export function emptyWindow(start: number): Window {
  return { start, groups: [], bySeries: new Map(), records: 0, bytes: 0 };
}

/** Bytes of a key, a UUID, and of its place. */
const KEY_BYTES = 72;

/** Adds a measurement; returns false, and adds nothing, when it is of one series more than `most`. */
export function addEntry(
  window: Window,
  { key, measurement }: Entry,
  keeps: Keeps | undefined,
  most: number,
): boolean {
  const group = groupOf(window, measurement.series, measurement.type, keeps, most);
  if (group === undefined) return false;
  group.keys.push(key);
  window.records++;
  const bytes = KEY_BYTES + addToFold(group.fold, measurement);
  group.bytes += bytes;
  window.bytes += bytes;
  return true;
}

/** Adds a group of another window. */
export function addGroup(
  window: Window,
  { series, type, keys, fold, bytes, live }: Group,
  keeps: Keeps | undefined,
): void {
  const group = groupOf(window, series, type, keeps);
  if (live !== undefined) group.live = [...(group.live ?? []), ...live];
  for (const key of keys) group.keys.push(key);
  window.records += keys.length;
  group.bytes += bytes;
  window.bytes += bytes;
  mergeFold(group.fold, fold);
}

/** Finds the group of a series, or makes it; undefined when it would be one more than `most`. */
export function groupOf(window: Window, series: Series, type: Group["type"], keeps: Keeps | undefined): Group;
export function groupOf(
  window: Window,
  series: Series,
  type: Group["type"],
  keeps: Keeps | undefined,
  most: number,
): Group | undefined;
export function groupOf(
  window: Window,
  series: Series,
  type: Group["type"],
  keeps: Keeps | undefined,
  most = Number.POSITIVE_INFINITY,
): Group | undefined {
  const types = window.bySeries.get(series.id);
  const found = types?.find((one) => one.type === type);
  if (found !== undefined) return found;
  // Chouette's own measurements are few, and needed most when an application floods it.
  if (window.groups.length >= most && !series.metric.startsWith("chouette.")) return undefined;
  const group = { series, type, keys: [], fold: emptyFold(type, keeps), bytes: 0, live: undefined };
  if (types === undefined) window.bySeries.set(series.id, [group]);
  else types.push(group);
  window.groups.push(group);
  return group;
}
