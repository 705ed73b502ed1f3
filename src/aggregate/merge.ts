import type { RawMetric } from "../model.ts";
import { tagsText } from "../records/series-identity.ts";
import type { Merged } from "./wrapper.ts";

/** A raw metric and the key of the record that it came from. */
export type Entry = { key: string; metric: RawMetric };

/** The entries of each window `[k·interval, (k+1)·interval)` by the window's start, Unix seconds, ascending. */
export function groupByWindow(entries: readonly Entry[], interval: number): Map<number, Entry[]> {
  const windows = new Map<number, Entry[]>();
  for (const entry of entries) {
    childOf(windows, Math.floor(entry.metric.timestamp / interval) * interval, () => []).push(entry);
  }
  return new Map([...windows].sort(([a], [b]) => a - b));
}

/** The entries that are one metric: same name, type and tags. What else is in the queue, and in which order, plays no part. */
export function groupByIdentity(entries: readonly Entry[]): Entry[][] {
  // Maps in maps: to build one key text for each entry takes longer than all the rest of closing a window.
  const names = new Map<string, Map<string, Entry[][]>>();
  const groups: Entry[][] = [];
  for (const entry of entries) {
    const { metric, tags, type } = entry.metric;
    const tagSets = childOf(names, metric, () => new Map<string, Entry[][]>());
    const types = childOf(tagSets, tagsText(tags), () => []);
    const group = types.find(([first]) => first?.metric.type === type);
    if (group) group.push(entry);
    else {
      const fresh = [entry];
      types.push(fresh);
      groups.push(fresh);
    }
  }
  return groups;
}

function childOf<K, V>(map: Map<K, V>, key: K, create: () => V): V {
  let child = map.get(key);
  if (child === undefined) {
    child = create();
    map.set(key, child);
  }
  return child;
}

/** Entries of one metric in one window as a wrapper sees them; the list may not be empty. */
export function mergeEntries(entries: readonly [Entry, ...Entry[]], interval: number): Merged {
  const { metric, type, tags, value } = entries[0].metric;
  if (type === "set") return { metric, type, tags, interval, values: [distinctElements(entries)] };
  if (entries.length === 1) return { metric, type, tags, interval, values: [value] };
  // By value where the timestamps are equal, so that neither the latest value nor the last bit of a sum depends on the order of arrival.
  const samples = entries
    .map((entry) => entry.metric)
    .filter((sample) => sample.type !== "set")
    .sort((a, b) => a.timestamp - b.timestamp || a.value - b.value);
  return { metric, type, tags, interval, values: samples.map((sample) => sample.value) };
}

function distinctElements(entries: readonly Entry[]): number {
  return new Set(entries.flatMap(({ metric }) => (metric.type === "set" ? metric.value : []))).size;
}
