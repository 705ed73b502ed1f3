import type { SendReport } from "../jobs/send-report.ts";
import { formatBytes, formatSeconds } from "./quantities.ts";
import type { Terminal } from "./terminal.ts";

export type Progress = {
  /** Before the first payload. */
  start(): Promise<void>;
  /** After each payload. */
  sending(report: SendReport): void;
  /** After the last one: erases the line. */
  done(): void;
};

/** Seconds between two updates. */
const EVERY = 1;

/** Records below which a backlog is sent too quickly to read a progress line. */
const LONG = 5000;

/**
 * Creates a line on the terminal that is rewritten while a long backlog is sent: records left, rate, time to go. `waiting` resolves
 * to the records in the queues, by kind.
 */
export function createProgress(
  { note, clock, watched }: Pick<Terminal, "note" | "clock"> & { watched: boolean },
  waiting: () => Promise<Readonly<Record<string, number>>>,
): Progress {
  const bytes = new Map<SendReport["track"], number>();
  let begin: { at: number; left: number } | undefined;
  let shown = 0;
  let width = 0;

  /** Resolves to undefined while the storage is unreachable. */
  const look = async () => {
    const found = await waiting().catch(() => undefined);
    return found && sum(Object.values(found));
  };
  const show = async (at: number) => {
    const left = await look();
    if (begin === undefined || left === undefined) return;
    const rate = Math.max(0, begin.left - left) / (at - begin.at);
    const sent = formatBytes(sum([...bytes.values()]));
    const line = `${left} left, ${Math.round(rate)} per second, ${formatSeconds(left / rate)} to go, ${sent} sent`;
    note(`\r${line.padEnd(width)}`);
    width = line.length;
  };

  return {
    start: async () => {
      const left = watched ? await look() : undefined;
      shown = clock.monotonic();
      if (left !== undefined && left >= LONG) begin = { at: shown, left };
    },
    sending: (report) => {
      bytes.set(report.track, report.bytes);
      const now = clock.monotonic();
      if (begin === undefined || now - shown < EVERY) return;
      shown = now;
      void show(now);
    },
    done: () => {
      begin = undefined;
      if (width > 0) note(`\r${" ".repeat(width)}\r`);
    },
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
