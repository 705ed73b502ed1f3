import { createLineBuffer } from "../line-buffer.ts";
import type { LogLine, SourceOptions } from "../log-line.ts";
import type { Source, Stream } from "../stream.ts";
import { explainJournal } from "./explain-journal.ts";
import { FIELDS, type JournalEntry, parseJournalEntry } from "./journal-entry.ts";
import { unitFilter } from "./unit-filter.ts";

/** One choice of units of JOURNALD_UNITS. */
export type JournalChoice = SourceOptions & { units: readonly string[] };

export type JournalDeps = {
  /** Yields what a program prints line by line, each of at most `maxLine` bytes; see io/lines.ts. */
  lines(
    command: readonly [string, ...string[]],
    signal: AbortSignal,
    maxBytes: number,
    maxLine: number,
  ): AsyncIterable<string>;
  /** Entries before the end with which the very first start begins. */
  lastLines: number;
  /** Name of the stream: `journal`, or with more than one choice another. */
  name: string;
  sleep(seconds: number, signal: AbortSignal): Promise<void>;
};

/** What is kept of the last entry that was taken: its cursor, and its time for a journal that no longer knows the cursor. */
export type JournalPosition = { cursor: string; time: number };

/** An entry may hold 48 kB of arbitrary bytes, each of which journalctl prints as a number. */
const MAX_LINE = 4_000_000;

/** Entries and bytes that wait for the queue before journalctl has to. */
const MOST = { entries: 5000, bytes: 4_000_000 } as const;

/** Seconds before journalctl is started again after it ended: first, and at most. */
const RESTART = { first: 1, most: 60 } as const;

/**
 * Creates the source of the journal: one journalctl that follows it. `--no-tail`, because `--follow` alone begins 10 lines before the
 * end; `--cursor` and not `--after-cursor`, which skips an entry when that of the cursor was vacuumed.
 */
export function createJournalSource(choice: JournalChoice, deps: JournalDeps): Source {
  const isChosen = unitFilter(choice.units);
  const buffer = createLineBuffer<JournalEntry>(MOST.entries, MOST.bytes);
  const stop = new AbortController();
  let following: Promise<void> | undefined;
  let position: JournalPosition | undefined;
  let lost = 0;
  let problem: string | undefined;

  /** The last entry that is in the buffer, or was taken from it. */
  let seen: JournalPosition | undefined;

  /** Follows the journal behind `seen` until journalctl ends, which rejects when it failed. */
  async function follow(byCursor: boolean): Promise<void> {
    const from = seen;
    const command = commandOf(startOf(from, byCursor, deps.lastLines));
    let isFirst = true;
    for await (const text of deps.lines(command, stop.signal, Number.POSITIVE_INFINITY, MAX_LINE)) {
      problem = undefined;
      const entry = parseJournalEntry(text);
      if (entry === undefined) {
        lost++;
        continue;
      }
      const isKnown = byCursor
        ? isFirst && entry.cursor === from?.cursor
        : from !== undefined && entry.time <= from.time;
      isFirst = false;
      if (isKnown) continue;
      await buffer.room(stop.signal);
      if (stop.signal.aborted) return;
      buffer.push(entry, text.length);
      seen = { cursor: entry.cursor, time: entry.time };
    }
  }

  async function keepFollowing(): Promise<void> {
    let pause: number = RESTART.first;
    let byCursor = true;
    while (!stop.signal.aborted) {
      const before = seen;
      try {
        await follow(byCursor);
        byCursor = true;
      } catch (error) {
        problem = error instanceof Error ? error.message : String(error);
        // A cursor that nothing knows, as after the journal was removed: what came since then is found by its time.
        byCursor = !/cursor/i.test(problem);
      }
      pause = seen === before ? Math.min(RESTART.most, 2 * pause) : RESTART.first;
      if (byCursor) await deps.sleep(pause, stop.signal);
    }
  }

  const stream: Stream = {
    name: deps.name,
    tags: [],
    canWait: true,
    lossOf: (count) =>
      `${count} ${count === 1 ? "entry was" : "entries were"} too long or not in the format of journalctl`,
    read(maxBytes) {
      const entries = buffer.take(maxBytes);
      const last = entries.at(-1);
      if (last !== undefined) position = { cursor: last.cursor, time: last.time };
      const lines = entries.flatMap(({ line, units }): LogLine[] =>
        line !== undefined && isChosen(units) ? [line] : [],
      );
      const batch = { lines, cut: 0, lost, position, waiting: buffer.bytes() };
      lost = 0;
      return batch;
    },
  };
  return {
    name: deps.name,
    options: choice,
    async streams(find) {
      if (following === undefined) {
        position = (await find(deps.name)) as JournalPosition | undefined;
        seen = position;
        following = keepFollowing();
      }
      return [stream];
    },
    problems: () => explainJournal(deps.name, problem),
    async close() {
      stop.abort();
      await following;
    },
  };
}

/** By cursor, by time in seconds where nothing knows the cursor, or at the end at the very first start. */
function startOf(from: JournalPosition | undefined, byCursor: boolean, lastLines: number): string[] {
  if (from === undefined) return [`--lines=${lastLines}`];
  if (byCursor) return ["--no-tail", `--cursor=${from.cursor}`];
  return ["--no-tail", `--since=@${Math.floor(from.time / 1e6)}`];
}

function commandOf(start: readonly string[]): [string, ...string[]] {
  const fields = `--output-fields=${FIELDS.join(",")}`;
  // Without --merge, --follow implies --boot (systemd 252): what was logged before a reboot would be left out.
  return ["journalctl", "--output=json", "--all", "--follow", "--merge", "--quiet", fields, ...start];
}
