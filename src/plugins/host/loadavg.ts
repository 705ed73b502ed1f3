import type { Skip } from "../kernel/skipped-lines.ts";

export type LoadAverage = {
  /** Tasks running or waiting for a CPU or for the disk, averaged over 1, 5 and 15 minutes. */
  one: number;
  five: number;
  fifteen: number;
  /** Threads that run or could run now, and all threads there are. */
  runnable: number;
  threads: number;
};

/**
 * Parses /proc/loadavg (https://docs.kernel.org/filesystems/proc.html, proc_loadavg(5)):
 *
 *     0.02 0.04 0.05 1/497 11947
 */
export function parseLoadavg(text: string, skip: Skip): LoadAverage | undefined {
  const match = /^(\d+\.\d+) (\d+\.\d+) (\d+\.\d+) (\d+)\/(\d+)(?:\s|$)/.exec(text);
  if (match === null) {
    skip("/proc/loadavg", text);
    return undefined;
  }
  const [one = 0, five = 0, fifteen = 0, runnable = 0, threads = 0] = match.slice(1).map(Number);
  return { one, five, fifteen, runnable, threads };
}
