import type { SendReport } from "../jobs/send.ts";
import type { Terminal } from "./command.ts";
import { formatBytes, formatSeconds } from "./quantities.ts";

/** Seconds between two lines of progress. */
const EVERY = 1;

/** A backlog below this many records is sent before one can read about it. */
const LONG = 5000;

/** One line on the terminal, written over and over while a long backlog is sent: records left, rate, time to go. */
export function createProgress(
  { note, watched, clock }: Terminal,
  quiet: boolean,
  waiting: { metrics: number; logs: number },
): { sending(report: SendReport): void; done(): void } {
  const start = clock.monotonic();
  const delivered = { metrics: 0, logs: 0 };
  let shown = start;
  let width = 0;
  const silent = quiet || !watched || waiting.metrics + waiting.logs < LONG;

  const write = (line: string) => {
    note(`\r${line.padEnd(width)}`);
    width = line.length;
  };
  return {
    sending: (report) => {
      delivered[report.track] = report.delivered;
      const now = clock.monotonic();
      if (silent || now - shown < EVERY) return;
      shown = now;
      const done = delivered.metrics + delivered.logs;
      const left = Math.max(0, waiting.metrics + waiting.logs - done);
      const rate = done / (now - start);
      write(
        `${left} left, ${Math.round(rate)} per second, ${formatSeconds(left / rate)} to go, ${formatBytes(report.bytes)} sent`,
      );
    },
    done: () => {
      if (width > 0) note(`\r${" ".repeat(width)}\r`);
    },
  };
}
