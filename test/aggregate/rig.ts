import type { ClosedWindow } from "../../src/aggregate/close-window.ts";
import { type OpenWindows, openWindows, type WindowRules } from "../../src/aggregate/open-windows.ts";
import type { Entry } from "../../src/aggregate/window.ts";
import type { Point } from "../../src/model.ts";
import type { Measurement } from "../../src/records/raw-metric.ts";
import { seriesId } from "../../src/records/series-identity.ts";

export type Given = Partial<Omit<Measurement, "series">> & {
  timestamp: number;
  metric?: string;
  tags?: string[];
};

let keys = 0;

/** An entry under a fresh key; a count of 1 where nothing else is said. */
export function entry({ metric = "m", tags = [], ...given }: Given): Entry {
  const series = { metric, tags, id: seriesId(metric, tags) };
  return { key: `k${keys++}`, measurement: { series, type: "count", value: 1, ...given } as Measurement };
}

/** Windows that took up these entries, in this order. */
export function opened(entries: readonly Entry[], rules: WindowRules): OpenWindows {
  const windows = openWindows(rules);
  for (const one of entries) windows.add(one);
  return windows;
}

/** The points of all windows that these entries belong to. */
export function pointsOf(
  entries: readonly Entry[],
  rules: WindowRules,
  used: ReadonlySet<number> = new Set(),
): Point[] {
  return joined(opened(entries, rules).closeAll(used)).points;
}

/** All slices in one. */
export function joined(slices: Iterable<ClosedWindow>): ClosedWindow {
  const all = [...slices];
  return {
    points: all.flatMap(({ points }) => points),
    distributions: all.flatMap(({ distributions }) => distributions),
    sketches: all.flatMap(({ sketches }) => sketches),
    stamps: all.flatMap(({ stamps }) => stamps),
    keys: all.flatMap(({ keys }) => keys),
    live: all.flatMap(({ live }) => live),
    refused: all.flatMap(({ refused }) => refused),
    left: all.flatMap(({ left }) => left),
  };
}
