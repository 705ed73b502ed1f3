import type { Measurement } from "../records/raw-metric.ts";
import type { Series } from "../records/series-identity.ts";
import { addToFold } from "./fold.ts";
import { emptyWindow, type Group, groupOf, type Window } from "./window.ts";
import type { Keeps } from "./wrapper.ts";

export type LiveRules = {
  /** Seconds: the length of a window. */
  interval: number;
  keeps: Keeps | undefined;
  /** Series that a window takes. */
  maxSeries: number;
};

/** Why a measurement has no place: too many series in its window, or too much memory in all windows. */
export type Refusal = "series" | "memory";

/**
 * Windows of measurements that are folded as they arrive and are in no queue: a crash loses them. A window that is taken to be
 * closed stays here until what it became is stored; what arrives for it later begins a new one.
 */
export type LiveWindows = {
  /** Seconds: the length of a window. */
  interval: number;
  /** Changes when windows are taken: a group that was found before may not take up measurements any more. */
  generation(): number;
  /** The group of a series in the window of a time, to which `add` adds. */
  find(series: Series, type: Group["type"], timestamp: number): Group | Refusal;
  /**
   * Folds a measurement of the group's type into it. Of two gauges with one timestamp the later call wins. Returns false, and adds
   * nothing, when there is no memory for it.
   */
  add(group: Group, measurement: Measurement): boolean;
  /** Whether a window begins before that. */
  has(before: number): boolean;
  /** The windows that begin before that, oldest first. They stay until they are settled. */
  take(before: number): Window[];
  /** Moves windows to other starts: `to` gets a start and returns the new one, or undefined where it stays. They can be taken then. */
  move(to: (start: number) => number | undefined): void;
  /** Forgets groups that were taken: they are stored. */
  settle(groups: readonly Group[]): void;
};

/**
 * About how many bytes all windows may take, and how many more for each series that a window may have. Beyond that only those
 * series are added to that take no more.
 */
const MOST_HELD = 16_000_000;
const MOST_HELD_FOR_SERIES = 600;

/** Bytes of a series in a window, without its name and tags. */
const GROUP_BYTES = 300;

export function liveWindows({ interval, keeps, maxSeries }: LiveRules): LiveWindows {
  const mostHeld = MOST_HELD + MOST_HELD_FOR_SERIES * maxSeries;
  const open = new Map<number, Window>();
  /** The windows that were taken, with the groups that are not stored yet. */
  const taken = new Map<Window, Set<Group>>();
  let held = 0;
  let generation = 0;

  const windowOf = (timestamp: number): Window => {
    const start = Math.floor(timestamp / interval) * interval;
    let window = open.get(start);
    if (window === undefined) {
      window = emptyWindow(start);
      open.set(start, window);
    }
    return window;
  };

  return {
    interval,
    generation: () => generation,

    find(series, type, timestamp) {
      const window = windowOf(timestamp);
      const groups = window.groups.length;
      // A full device takes up no new series, but still counts those that it has.
      const most = held < mostHeld ? maxSeries : Math.min(groups, maxSeries);
      const group = groupOf(window, series, type, keeps, most);
      if (group === undefined) return held < mostHeld ? "series" : "memory";
      if (window.groups.length > groups) {
        group.bytes = GROUP_BYTES + series.id.length;
        held += group.bytes;
      }
      return group;
    },

    add(group, measurement) {
      const { fold } = group;
      if (fold.keep === "latest" && measurement.type !== "set") {
        const { timestamp, value } = measurement;
        if (timestamp >= fold.latest.timestamp) fold.latest = { timestamp, value };
        return true;
      }
      if (held >= mostHeld && fold.keep !== "sum") return false;
      const bytes = addToFold(fold, measurement);
      group.bytes += bytes;
      held += bytes;
      return true;
    },

    has: (before) => taken.size > 0 || [...open.keys()].some((start) => start < before),

    take(before) {
      generation++;
      for (const [start, window] of open) {
        if (start >= before) continue;
        open.delete(start);
        taken.set(window, new Set(window.groups));
      }
      for (const groups of taken.values()) for (const group of groups) group.live ??= [group];
      const windows = [...taken].map(([window, groups]) => ({ ...window, groups: [...groups] }));
      return windows.sort((a, b) => a.start - b.start);
    },

    move(to) {
      generation++;
      for (const [start, window] of [...open]) {
        const moved = to(start);
        if (moved === undefined || moved === start) continue;
        open.delete(start);
        taken.set({ ...window, start: moved }, new Set(window.groups));
      }
    },

    settle(groups) {
      for (const group of groups) {
        for (const [window, rest] of taken) {
          if (!rest.delete(group)) continue;
          held -= group.bytes;
          if (rest.size === 0) taken.delete(window);
          break;
        }
      }
    },
  };
}
