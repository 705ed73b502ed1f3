import type { Measurement } from "../records/raw-metric.ts";
import type { Series } from "../records/series-identity.ts";
import { addToFold, emptyFold, type Fold, mergeFold } from "./fold.ts";
import type { Keeps } from "./wrapper.ts";

/** A measurement and the key of the record that it came from. */
export type Entry = { key: string; measurement: Measurement };

/** All measurements of one series and type in one window; `keys` are those of their records, `bytes` about what it takes. */
export type Group = { series: Series; type: Measurement["type"]; keys: string[]; fold: Fold; bytes: number };

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

export function addEntry(window: Window, { key, measurement }: Entry, keeps: Keeps | undefined): void {
  const group = groupOf(window, measurement.series, measurement.type, keeps);
  group.keys.push(key);
  window.records++;
  const bytes = KEY_BYTES + addToFold(group.fold, measurement);
  group.bytes += bytes;
  window.bytes += bytes;
}

/** Adds a group of another window. */
export function addGroup(
  window: Window,
  { series, type, keys, fold, bytes }: Group,
  keeps: Keeps | undefined,
): void {
  const group = groupOf(window, series, type, keeps);
  for (const key of keys) group.keys.push(key);
  window.records += keys.length;
  group.bytes += bytes;
  window.bytes += bytes;
  mergeFold(group.fold, fold);
}

function groupOf(window: Window, series: Series, type: Group["type"], keeps: Keeps | undefined): Group {
  let types = window.bySeries.get(series.id);
  if (types === undefined) {
    types = [];
    window.bySeries.set(series.id, types);
  }
  let group = types.find((one) => one.type === type);
  if (group === undefined) {
    group = { series, type, keys: [], fold: emptyFold(type, keeps), bytes: 0 };
    types.push(group);
    window.groups.push(group);
  }
  return group;
}
