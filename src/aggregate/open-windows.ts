import { type ClosedWindow, windowCloser } from "./close-window.ts";
import { addEntry, addGroup, type Entry, emptyWindow, type Group, type Window } from "./window.ts";
import type { Wrapper } from "./wrapper.ts";

export type WindowRules = {
  /** Seconds: the length of a window. */
  interval: number;
  wrapper: Wrapper;
  /** Start (Unix seconds) of the newest window that may be closed now. */
  newest: number;
  /** Series that a window takes. */
  maxSeries?: number;
  /** Values of a distribution above which a sketch is sent instead: DISTRIBUTION_POINTS_MAX. */
  mostValues?: number;
};

/** Windows that take up measurements until they are closed. */
export type OpenWindows = {
  /** Returns false, and takes nothing up, when the window has as many series as it may. */
  add(entry: Entry): boolean;
  /** Takes up groups of a live window, which remains their owner. */
  addLive(start: number, groups: readonly Group[]): void;
  /** About how many bytes all of them take. */
  bytes(): number;
  /** The metric that takes most of it; undefined when there is none. */
  largest(): string | undefined;
  /** The windows that begin before `end`, without the newest one, and how many records they hold. */
  before(end: number): { windows: Window[]; records: number };
  /**
   * Closes windows in slices, each of which may be stored alone: they have no series in common. `used` are the seconds that were stamped before. What finds no free second in its own window any more (it was
   * closed as often as it has seconds) goes into the newest window instead.
   */
  close(windows: readonly Window[], used: ReadonlySet<number>): Generator<ClosedWindow>;
  /** Closes all windows, the newest one last; what finds no second there is `left`. */
  closeAll(used: ReadonlySet<number>): Generator<ClosedWindow>;
  /** The range of seconds, [from, to), that closing these windows and the newest may stamp. */
  seconds(ended: readonly Window[]): [from: number, to: number];
};

const MOST_VALUES = 100;

/** Series that are closed at a time: some milliseconds. */
const SLICE = 500;

export function openWindows(rules: WindowRules): OpenWindows {
  const { interval, wrapper, newest, maxSeries, mostValues = MOST_VALUES } = rules;
  const windows = new Map<number, Window>();

  const windowAt = (start: number): Window => {
    let window = windows.get(start);
    if (window === undefined) {
      window = emptyWindow(start);
      windows.set(start, window);
    }
    return window;
  };

  /** Small windows share a slice, a large one has several. What finds no free second goes into the newest window, if that comes later. */
  function* slicesOf(starts: Iterable<number>, used: ReadonlySet<number>): Generator<ClosedWindow> {
    let slice: ClosedWindow[] = [];
    let size = 0;
    for (const start of starts) {
      const { groups } = windowAt(start);
      windows.delete(start);
      const close = windowCloser(interval, wrapper, freeSeconds(start, interval, used), mostValues);
      for (let at = 0; at < groups.length; at += SLICE) {
        const closed = close(groups.slice(at, at + SLICE));
        if (start !== newest)
          for (const group of closed.left.splice(0)) addGroup(windowAt(newest), group, wrapper.keeps);
        slice.push(closed);
        size += Math.min(SLICE, groups.length - at);
        if (size < SLICE) continue;
        yield joined(slice);
        slice = [];
        size = 0;
      }
    }
    if (size > 0) yield joined(slice);
  }

  const endedBefore = (end: number): Window[] =>
    [...windows.values()]
      .filter(({ start }) => start < end && start !== newest)
      .sort((a, b) => a.start - b.start);

  return {
    add: (entry) =>
      addEntry(
        windowAt(windowStart(entry.measurement.timestamp, interval)),
        entry,
        wrapper.keeps,
        maxSeries ?? Number.POSITIVE_INFINITY,
      ),

    addLive(start, groups) {
      for (const group of groups) addGroup(windowAt(start), group, wrapper.keeps);
    },

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

    close: (ended, used) => slicesOf(startsOf(ended), used),

    closeAll: (used) => slicesOf([...startsOf(endedBefore(Number.POSITIVE_INFINITY)), newest], used),

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

function startsOf(windows: readonly Window[]): number[] {
  return windows.map(({ start }) => start);
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
    distributions: closed.flatMap(({ distributions }) => distributions),
    sketches: closed.flatMap(({ sketches }) => sketches),
    stamps: closed.flatMap(({ stamps }) => stamps),
    keys: closed.flatMap(({ keys }) => keys),
    live: closed.flatMap(({ live }) => live),
    refused: closed.flatMap(({ refused }) => refused),
    left: closed.flatMap(({ left }) => left),
  };
}
