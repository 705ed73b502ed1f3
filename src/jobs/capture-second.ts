import { parseJson } from "../json/parse-json.ts";
import type { Storage } from "../storage/storage.ts";

/** First and last second of a time in which the clock was not set back; Unix seconds. */
type Run = [first: number, last: number];

/** What is known of captured seconds: runs, and those in them that are not at a multiple of the capture interval. */
type Seconds = { runs: Run[]; odd: number[] };

/** Note: the seconds so far. With the embedded storage it is in RAM. */
const NOTE = "captured";

/** Note that survives a power cut: the last run is an hour ahead, so that it is written once an hour. */
const AHEAD_NOTE = "captured-ahead";
const HOUR = 3600;

/** Runs and odd seconds that are remembered: a clock is set back seldom. */
const KEPT = 50;

/** Seconds by which captures may be stamped ahead of the clock: the intake takes points up to 10 minutes ahead. */
const AHEAD = 600;

export type CaptureSeconds = {
  /** Returns the second for the points of a capture at `at`: one that no capture had before. */
  next(at: number): Promise<number>;
  /** The notes to commit with its points. */
  notes(): Record<string, string>;
  /** Whether a note must survive a power cut before the points are sent, and that it does now. */
  isNew(): boolean;
  lasts(): void;
};

/**
 * Gives each capture a second of its own, whatever the clock does: the intake keeps one value per series and second. A clock that
 * was set back by minutes continues after the last captured second; one that was set back further, or after a power cut, meets the
 * seconds of earlier runs, and takes those between them. `interval`: seconds between two captures.
 */
export function captureSeconds(storage: Pick<Storage, "note">, interval: number): CaptureSeconds {
  let known: Seconds | undefined;
  /** Whether the last run is of this boot of the machine, and the second up to which the lasting note covers it. */
  let isCurrent = false;
  let covered = Number.NEGATIVE_INFINITY;
  let isNew = false;

  async function read(): Promise<Seconds> {
    const exact = readSeconds(await storage.note(NOTE));
    const ahead = readSeconds(await storage.note(AHEAD_NOTE));
    isCurrent = exact !== undefined;
    const [run, same] = [exact?.runs.at(-1), ahead?.runs.at(-1)];
    if (run !== undefined && same !== undefined && run[0] === same[0]) covered = same[1];
    return exact ?? ahead ?? { runs: [], odd: [] };
  }

  return {
    async next(at) {
      known ??= await read();
      const { runs, odd } = known;
      const wanted = Math.floor(at);
      const run = isCurrent ? runs.at(-1) : undefined;
      const last = run?.[1] ?? Number.NEGATIVE_INFINITY;
      const continues = last - wanted < AHEAD && wanted <= last;
      const from = continues ? last + 1 : wanted;
      const others = continues || wanted > last ? runs.filter((each) => each !== run) : runs;
      // Each run that may have a capture at that second or soon after has a lane of its own.
      const lane = others.filter((each) => each[0] - interval < from && from <= each[1]).length;
      let second = continues ? from : from + lane;
      // A second that is not in the lane of this run may be in that of another.
      const isTaken = () =>
        odd.includes(second) || (interval > lane + 1 && isOdd() && second % interval <= lane);
      const isOdd = () => continues || second % interval !== lane;
      while (isTaken()) second++;
      const isExtended = run !== undefined && second > last;
      if (isExtended) run[1] = second;
      else known.runs = [...runs, [second, second] satisfies Run].slice(-KEPT);
      if (isOdd()) known.odd = [...odd, second].slice(-KEPT);
      isNew ||= isOdd() || !isExtended || second > covered;
      isCurrent = true;
      return second;
    },

    notes() {
      if (known === undefined) return {};
      const exact = { [NOTE]: JSON.stringify(known) };
      return isNew ? { ...exact, [AHEAD_NOTE]: JSON.stringify(ahead(known)) } : exact;
    },
    isNew: () => isNew,
    lasts() {
      isNew = false;
      covered = (known?.runs.at(-1)?.[1] ?? covered) + HOUR;
    },
  };
}

function ahead({ runs, odd }: Seconds): Seconds {
  const run = runs.at(-1);
  return { runs: run === undefined ? [] : [...runs.slice(0, -1), [run[0], run[1] + HOUR]], odd };
}

function readSeconds(text: string | undefined): Seconds | undefined {
  const found = text === undefined ? undefined : parseJson(text);
  if (typeof found !== "object" || found === null || !("runs" in found)) return undefined;
  const { runs, odd } = found as Record<string, unknown>;
  return {
    runs: listOf(runs).filter(
      (run): run is Run => Array.isArray(run) && run.length === 2 && run.every(isSecond),
    ),
    odd: listOf(odd).filter(isSecond),
  };
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function isSecond(value: unknown): value is number {
  return Number.isSafeInteger(value);
}
