import type { Clock } from "../schedule/clock.ts";

/** Where a command writes, and what it is told. A command resolves to the exit code. */
export type Terminal = {
  /** Standard output: results only. */
  print(text: string): void;
  /** Standard error: progress, and what went wrong. */
  note(text: string): void;
  clock: Clock;
  /** Aborts on SIGTERM or SIGINT. */
  stop: AbortSignal;
};
