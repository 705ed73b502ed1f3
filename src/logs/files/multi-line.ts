import type { Pattern } from "../text/pattern.ts";
import { MAX_LINE, type RawLine } from "./split-lines.ts";

/** Lines of one log at most. */
const MOST = 1000;

/** Where a log, or a piece of it, begins: a log may begin in a file that was rotated away and end in the next. */
export type Place = { file: number; start: number };

/** A line with the places of all its pieces, where it has several. */
export type Joined = RawLine & { places?: readonly Place[] };

/** Makes one log of several lines of the files of a path, which it takes one after the other. */
export type Joiner = {
  /** Takes lines of the file with that number, and returns the logs that are complete. */
  take(lines: readonly Joined[], file: number): Joined[];
  /** Returns the logs that are still open, when nothing follows. */
  flush(): Joined[];
  /** Offset in that file of the first byte that belongs to a log that is still open; undefined without one. */
  openAt(file: number): number | undefined;
};

/** Joins lines to logs: each begins with a line in which `start` is found; what follows belongs to it, as a stack trace does. */
export function createMultiLine(start: Pattern): Joiner {
  let open: (RawLine & { places: readonly Place[] })[] = [];
  let length = 0;

  function flush(): Joined[] {
    const first = open[0];
    const last = open.at(-1);
    if (first === undefined || last === undefined) return [];
    const joined = { ...first, text: open.map(({ text }) => text).join("\n"), end: last.end };
    open = [];
    length = 0;
    return [joined];
  }

  return {
    take(lines, file) {
      const complete: Joined[] = [];
      for (const line of lines) {
        const isFull = open.length >= MOST || length + line.text.length > MAX_LINE;
        if (isFull || start.found(line.text)) complete.push(...flush());
        open.push({ ...line, places: placesOf(line, file) });
        length += line.text.length;
      }
      return complete;
    },
    flush,
    openAt: (file) => firstIn(open, file),
  };
}

/** The places of a line; one that was not joined is of this file. */
export function placesOf({ places, start }: Joined, file: number): readonly Place[] {
  return places ?? [{ file, start }];
}

/** The first place of the logs in that file. */
export function firstIn(logs: readonly { places: readonly Place[] }[], file: number): number | undefined {
  const starts = logs.flatMap(({ places }) => places.filter((it) => it.file === file).map((it) => it.start));
  return starts.length === 0 ? undefined : Math.min(...starts);
}

/** Joins in several steps: what one gives, the next takes. */
export function inTurn(joiners: readonly Joiner[]): Joiner {
  return {
    take: (lines, file) => joiners.reduce<Joined[]>((taken, joiner) => joiner.take(taken, file), [...lines]),
    flush: () =>
      joiners.reduce<Joined[]>((taken, joiner) => [...joiner.take(taken, NOWHERE), ...joiner.flush()], []),
    openAt: (file) => {
      const starts = joiners.flatMap((joiner) => joiner.openAt(file) ?? []);
      return starts.length === 0 ? undefined : Math.min(...starts);
    },
  };
}

/** The number of a file for lines that have their places already. */
const NOWHERE = -1;
