import { type ClosedWindow, closeWindow } from "./close-window.ts";
import { addEntry, addGroup, type Entry, emptyWindow, type Group, type Window } from "./window.ts";
import type { Wrapper } from "./wrapper.ts";

export type WindowRules = {
  /** Seconds: the length of a window. */
  interval: number;
  wrapper: Wrapper;
  /** Start (Unix seconds) of the newest window that may be closed now. */
  newest: number;
};

/** Windows that take up measurements until they are closed. */
export type OpenWindows = {
  add(entry: Entry): void;
  /** About how many bytes all of them take. */
  bytes(): number;
  /** The metric that takes most of it; undefined when there is none. */
  largest(): string | undefined;
  /** The windows that begin before `end`, without the newest one, and how many records they hold. */
  before(end: number): { windows: Window[]; records: number };
  /**
   * Closes windows; `used` are the seconds that were stamped before. What finds no free second in its own window any more (it was
   * closed as often as it has seconds) goes into the newest window instead.
   */
  close(windows: readonly Window[], used: ReadonlySet<number>): ClosedWindow;
  /** Closes all windows, the newest one last; what finds no second there is `left`. */
  closeAll(used: ReadonlySet<number>): ClosedWindow;
  /** The range of seconds, [from, to), that closing these windows and the newest may stamp. */
  seconds(ended: readonly Window[]): [from: number, to: number];
};

export function openWindows({ interval, wrapper, newest }: WindowRules): OpenWindows {
  const windows = new Map<number, Window>();

  const windowAt = (start: number): Window => {
    let window = windows.get(start);
    if (window === undefined) {
      window = emptyWindow(start);
      windows.set(start, window);
    }
    return window;
  };

  const closeOne = (window: Window, used: ReadonlySet<number>): ClosedWindow => {
    windows.delete(window.start);
    return closeWindow(window, interval, wrapper, freeSeconds(window.start, interval, used));
  };

  const endedBefore = (end: number): Window[] =>
    [...windows.values()]
      .filter(({ start }) => start < end && start !== newest)
      .sort((a, b) => a.start - b.start);

  const closeEnded = (ended: readonly Window[], used: ReadonlySet<number>): ClosedWindow => {
    const closed = joined(ended.map((window) => closeOne(window, used)));
    for (const group of closed.left) addGroup(windowAt(newest), group, wrapper.keeps);
    return { ...closed, left: [] };
  };

  return {
    add: (entry) =>
      addEntry(windowAt(windowStart(entry.measurement.timestamp, interval)), entry, wrapper.keeps),

    bytes() {
      let total = 0;
      for (const window of windows.values()) total += window.bytes;
      return total;
    },

    largest() {
      const groups = [...windows.values()].flatMap(({ groups }) => groups);
      return groups.reduce<Group | undefined>(
        (most, one) => (most && most.bytes >= one.bytes ? most : one),
        undefined,
      )?.series.metric;
    },

    before(end) {
      const ended = endedBefore(end);
      return { windows: ended, records: ended.reduce((total, { records }) => total + records, 0) };
    },

    close: closeEnded,

    closeAll(used) {
      const closed = closeEnded(endedBefore(Number.POSITIVE_INFINITY), used);
      return joined([closed, closeOne(windowAt(newest), used)]);
    },

    seconds(ended) {
      let [first, last] = [newest, newest];
      for (const { start } of ended) {
        first = Math.min(first, start);
        last = Math.max(last, start);
      }
      return [first, last + interval];
    },
  };
}

/** Start of the window of a time, `[k·interval, (k+1)·interval)`; Unix seconds. */
export function windowStart(timestamp: number, interval: number): number {
  return Math.floor(timestamp / interval) * interval;
}

/** The seconds of a window that have not been stamped, ascending. */
function freeSeconds(start: number, interval: number, used: ReadonlySet<number>): number[] {
  const seconds: number[] = [];
  for (let second = start; second < start + interval; second++) if (!used.has(second)) seconds.push(second);
  return seconds;
}

function joined(closed: readonly ClosedWindow[]): ClosedWindow {
  return {
    points: closed.flatMap(({ points }) => points),
    stamps: closed.flatMap(({ stamps }) => stamps),
    keys: closed.flatMap(({ keys }) => keys),
    refused: closed.flatMap(({ refused }) => refused),
    left: closed.flatMap(({ left }) => left),
  };
}
