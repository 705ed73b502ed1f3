import type { Measurement } from "../records/raw-metric.ts";
import type { Merged } from "./wrapper.ts";

/** A measurement and the key of the record that it came from. */
export type Entry = { key: string; measurement: Measurement };

/** The entries of each window `[k·interval, (k+1)·interval)` by the window's start, Unix seconds, ascending. */
export function groupByWindow(entries: readonly Entry[], interval: number): Map<number, Entry[]> {
  const windows = new Map<number, Entry[]>();
  for (const entry of entries) {
    childOf(windows, Math.floor(entry.measurement.timestamp / interval) * interval, () => []).push(entry);
  }
  return new Map([...windows].sort(([a], [b]) => a - b));
}

/** The entries that are one metric: same name, type and tags. Other records in the queue, and their order, do not matter. */
export function groupByIdentity(entries: readonly Entry[]): Entry[][] {
  const series = new Map<string, Entry[][]>();
  const groups: Entry[][] = [];
  for (const entry of entries) {
    const { measurement } = entry;
    const types = childOf(series, measurement.series.id, () => []);
    const group = types.find(([first]) => first?.measurement.type === measurement.type);
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
  const { series, type, value } = entries[0].measurement;
  const { metric, tags } = series;
  if (type === "set") return { metric, type, tags, interval, values: [distinctElements(entries)] };
  if (entries.length === 1) return { metric, type, tags, interval, values: [value] };
  // By value where the timestamps are equal, so that neither the latest value nor the last bit of a sum depends on the order of arrival.
  const samples = entries
    .map(({ measurement }) => measurement)
    .filter((sample) => sample.type !== "set")
    .sort((a, b) => a.timestamp - b.timestamp || a.value - b.value);
  return { metric, type, tags, interval, values: samples.map((sample) => sample.value) };
}

function distinctElements(entries: readonly Entry[]): number {
  return new Set(entries.flatMap(({ measurement }) => (measurement.type === "set" ? measurement.value : [])))
    .size;
}
