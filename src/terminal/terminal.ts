import type { Clock } from "../schedule/clock.ts";

/** The terminal and clock of a command. A command resolves to the exit code. */
export type Terminal = {
  /** Standard output: results only. */
  print(text: string): void;
  /** Standard error: progress and failures. */
  note(text: string): void;
  /** Characters that fit on a line of standard output; Infinity when it is not a terminal. */
  width: number;
  clock: Clock;
  /** Aborts on SIGTERM or SIGINT. */
  stop: AbortSignal;
};
