import { type ClosedWindow, closeWindow } from "./close-window.ts";
import { type Entry, groupByWindow } from "./merge.ts";
import type { Wrapper } from "./wrapper.ts";

/** Seconds as Unix time. */
export type WindowRules = {
  /** Length of a window. */
  interval: number;
  wrapper: Wrapper;
  /** Start of the newest window that may be closed now. */
  newest: number;
  /** Seconds that were stamped before. */
  used: ReadonlySet<number>;
};

/**
 * Closes every window that has entries. Entries for which their window has no free second any more (it was closed as often as
 * it has seconds) are counted in the newest window instead; what finds no second there either is `left`.
 */
export function closeWindows(entries: readonly Entry[], rules: WindowRules): ClosedWindow {
  const windows = groupByWindow(entries, rules.interval);
  const newest = windows.get(rules.newest) ?? [];
  windows.delete(rules.newest);
  const closed = [...windows].map(([start, group]) => closeOne(group, start, rules));
  const late = closed.flatMap(({ left }) => left);
  const last = closeOne([...late, ...newest], rules.newest, rules);
  return {
    points: [...closed, last].flatMap(({ points }) => points),
    stamps: [...closed, last].flatMap(({ stamps }) => stamps),
    keys: [...closed, last].flatMap(({ keys }) => keys),
    refused: [...closed, last].flatMap(({ refused }) => refused),
    left: last.left,
  };
}

/** The range of seconds, [from, to), that closing these entries may stamp. */
export function stampRange(
  entries: readonly Entry[],
  { interval, newest }: Pick<WindowRules, "interval" | "newest">,
): [number, number] {
  let from = newest;
  let last = newest;
  for (const { measurement } of entries) {
    from = Math.min(from, measurement.timestamp);
    last = Math.max(last, measurement.timestamp);
  }
  return [Math.floor(from / interval) * interval, (Math.floor(last / interval) + 1) * interval];
}

function closeOne(
  entries: readonly Entry[],
  start: number,
  { interval, wrapper, used }: WindowRules,
): ClosedWindow {
  return closeWindow(entries, interval, wrapper, freeSeconds(start, interval, used));
}

/** The seconds of a window that have not been stamped, ascending. */
function freeSeconds(start: number, interval: number, used: ReadonlySet<number>): number[] {
  const seconds: number[] = [];
  for (let second = start; second < start + interval; second++) if (!used.has(second)) seconds.push(second);
  return seconds;
}
