import type { Pattern } from "../text/pattern.ts";
import { MAX_LINE, type RawLine } from "./split-lines.ts";

/** Lines of one log at most. */
const MOST = 1000;

/** Makes one log of several lines. */
export type Joiner = {
  /** Takes lines and returns the logs that are complete. */
  take(lines: readonly RawLine[]): RawLine[];
  /** Returns the log that is still open, when nothing follows. */
  flush(): RawLine[];
  /** Offset of the first byte of the log that is open; undefined without one. */
  openAt(): number | undefined;
};

/** Joins lines to logs: each begins with a line in which `start` is found; what follows belongs to it, as a stack trace does. */
export function createMultiLine(start: Pattern): Joiner {
  let open: RawLine[] = [];
  let length = 0;

  function flush(): RawLine[] {
    const first = open[0];
    const last = open.at(-1);
    if (first === undefined || last === undefined) return [];
    const joined = { ...first, text: open.map(({ text }) => text).join("\n"), end: last.end };
    open = [];
    length = 0;
    return [joined];
  }

  return {
    take(lines) {
      const complete: RawLine[] = [];
      for (const line of lines) {
        const isFull = open.length >= MOST || length + line.text.length > MAX_LINE;
        if (isFull || start.found(line.text)) complete.push(...flush());
        open.push(line);
        length += line.text.length;
      }
      return complete;
    },
    flush,
    openAt: () => open[0]?.start,
  };
}

/** Joins in several steps: what one gives, the next takes. */
export function inTurn(joiners: readonly Joiner[]): Joiner {
  return {
    take: (lines) => joiners.reduce<RawLine[]>((taken, joiner) => joiner.take(taken), [...lines]),
    flush: () => joiners.reduce<RawLine[]>((taken, joiner) => [...joiner.take(taken), ...joiner.flush()], []),
    openAt: () => joiners.findLast((joiner) => joiner.openAt() !== undefined)?.openAt(),
  };
}
