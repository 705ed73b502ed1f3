import { parseJson } from "../json/parse-json.ts";
import type { Storage } from "../storage/storage.ts";

/** First and last captured second of a time in which the clock was not set back; Unix seconds. */
type Run = [first: number, last: number];

const NOTE = "captured";

/** Runs that are remembered: a clock is set back seldom. */
const KEPT = 50;

/** Seconds by which captures may be stamped ahead of the clock: the intake takes points up to 10 minutes ahead. */
const AHEAD = 600;

export type CaptureSeconds = {
  /** Returns the second for the points of a capture at `at`: one that no capture had before. */
  next(at: number): Promise<number>;
  /** The note to commit with its points. */
  note(): Record<string, string>;
};

/**
 * Gives each capture a second of its own, whatever the clock does: the intake keeps one value per series and second. A clock that
 * was set back by minutes continues after the last captured second; one that was set back further meets the seconds of
 * earlier runs, and takes those between them.
 */
export function captureSeconds(storage: Pick<Storage, "note">): CaptureSeconds {
  let runs: Run[] | undefined;
  return {
    async next(at) {
      runs ??= readRuns(await storage.note(NOTE));
      const wanted = Math.floor(at);
      const run = runs.at(-1);
      const last = run?.[1] ?? Number.NEGATIVE_INFINITY;
      const continues = last - wanted < AHEAD;
      const second = continues && wanted <= last ? last + 1 : wanted + crossed(runs, wanted, run);
      if (run !== undefined && second > last) run[1] = second;
      else runs = [...runs, [second, second] satisfies Run].slice(-KEPT);
      return second;
    },
    note: () => (runs === undefined ? {} : { [NOTE]: JSON.stringify(runs) }),
  };
}

/** Number of runs, without the current one if it ended before, that may have a capture at that second. */
function crossed(runs: readonly Run[], second: number, current: Run | undefined): number {
  return runs.filter((run) => {
    const isCurrent = run === current && second > run[1];
    return !isCurrent && run[0] <= second && second <= run[1];
  }).length;
}

function readRuns(text: string | undefined): Run[] {
  const runs = text === undefined ? [] : parseJson(text);
  if (!Array.isArray(runs)) return [];
  return runs.filter(
    (run): run is Run =>
      Array.isArray(run) && run.length === 2 && run.every((second) => Number.isFinite(second)),
  );
}
