import type { Io } from "../plugin.ts";
import { parseTegrastats, type Tegrastats } from "./parse-tegrastats.ts";

/** Runs tegrastats and knows its newest reading. */
export type TegrastatsChild = {
  /** The reading for the capture at `now` (seconds, never set back); without a recent one, waits for it until the signal aborts. */
  read(now: number, signal: AbortSignal): Promise<Reading>;
  /** Ends the process; it is not started again. */
  close(): Promise<void>;
};

/** The newest reading, with the reason if the process was killed; or why there is no reading. */
export type Reading = { stats: Tegrastats; replaced?: string } | { problem: string };

/** Captures in a row that may see the same line: tegrastats and the captures do not tick together. */
const USES = 3;
/** Milliseconds between the lines of a process that is asked for its first line only. */
const QUICK_TICK = 1000;
/** A usage text is shorter than this. */
const QUICK_LINES = 100;
const LINES_PER_SECOND = 10;
/** Seconds. */
const LONGEST_PAUSE = 900;

/**
 * tegrastats prints its first line one interval after its start. So the first reading is taken from a process of its own
 * that ticks each second; beside the captures then runs one that ticks once per `interval` (seconds). Where `--interval` is
 * unknown (early releases), every reading is the first line of a fresh process without it.
 */
export function tegrastatsChild(lines: Io["lines"], path: string, interval: number): TegrastatsChild {
  const milliseconds = Math.round(interval * 1000);
  let newest: { stats: Tegrastats; uses: number } | undefined;
  let running: { stop: AbortController; ended: Promise<void> } | undefined;
  let optionKnown = true;
  let failures = 0;
  let endedAt = 0;
  let lastAt = 0;
  let linesSinceRead = 0;
  let closed = false;

  async function watch(signal: AbortSignal): Promise<void> {
    failures += 1;
    for await (const line of lines([path, "--interval", String(milliseconds)], signal)) {
      // More lines than were asked for: end it rather than spend the processor on them. The next capture starts it again.
      linesSinceRead += 1;
      if (linesSinceRead > Math.max(LINES_PER_SECOND * interval, QUICK_LINES)) return;
      const stats = readingOf(line);
      if (stats === undefined) continue;
      newest = { stats, uses: 0 };
      failures = 0;
    }
  }

  function start(): void {
    const stop = new AbortController();
    const ended = watch(stop.signal)
      // The next quick reading fails in the same way and reports why.
      .catch(() => undefined)
      .then(() => {
        running = undefined;
        endedAt = lastAt;
      });
    running = { stop, ended };
  }

  async function end(): Promise<void> {
    running?.stop.abort();
    await running?.ended;
  }

  /** Doubles from one interval on. */
  function rested(now: number): boolean {
    const pause = failures === 0 ? 0 : Math.min(interval * 2 ** (failures - 1), LONGEST_PAUSE);
    return now - endedAt >= pause;
  }

  async function quickReading(signal: AbortSignal): Promise<Reading> {
    if (!optionKnown) return firstReading(lines, [path], signal);
    const tick = String(Math.min(QUICK_TICK, milliseconds));
    const reading = await firstReading(lines, [path, "--interval", tick], signal);
    if ("stats" in reading || signal.aborted) return reading;
    const plain = await firstReading(lines, [path], signal);
    optionKnown = !("stats" in plain);
    return optionKnown ? reading : plain;
  }

  return {
    async read(now, signal) {
      lastAt = now;
      linesSinceRead = 0;
      let replaced: string | undefined;
      if (running !== undefined && (newest?.uses ?? 0) >= USES) {
        replaced = `${path} had printed nothing for ${USES} captures and was ended`;
        await end();
      }
      if (running === undefined && (newest?.uses ?? 0) > 0) newest = undefined;
      if (newest === undefined) {
        const reading = await quickReading(signal);
        if ("problem" in reading) return reading;
        newest = { stats: reading.stats, uses: 0 };
      }
      if (running === undefined && optionKnown && !closed && rested(now)) start();
      newest.uses += 1;
      return { stats: newest.stats, ...(replaced !== undefined && { replaced }) };
    },
    async close() {
      closed = true;
      await end();
    },
  };
}

/** Starts the program, takes its first line that is a reading, and ends it. */
async function firstReading(
  lines: Io["lines"],
  command: readonly [string, ...string[]],
  signal: AbortSignal,
): Promise<Reading> {
  let count = 0;
  let last = "";
  try {
    for await (const line of lines(command, signal)) {
      const stats = readingOf(line);
      if (stats !== undefined) return { stats };
      last = line.trim() || last;
      count += 1;
      if (count > QUICK_LINES) break;
    }
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
  const ended = signal.aborted ? "printed no reading in time" : "ended without a reading";
  const words = last === "" ? "" : `; it printed ${JSON.stringify(last.slice(0, 100))}`;
  return { problem: `${command[0]} ${ended}${words}` };
}

/** Usage texts and error messages have neither memory nor a temperature. */
function readingOf(line: string): Tegrastats | undefined {
  const stats = parseTegrastats(line);
  return stats.ram !== undefined || stats.temperatures.size > 0 ? stats : undefined;
}
