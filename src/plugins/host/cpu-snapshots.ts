import type { Io } from "../plugin.ts";
import { requiredText } from "./required-text.ts";
import { parseStat, type Stat } from "./stat.ts";

const FIRST_LOOK_MS = 100;

/**
 * CPU counters of the previous capture and of now. The first capture has no previous one and looks twice, 0.1 s apart: the
 * average since boot would be far from what the CPUs do.
 */
export function createCpuSnapshots(io: Io): (signal: AbortSignal) => Promise<{ before: Stat; after: Stat }> {
  let previous: Stat | undefined;
  const look = async () => parseStat(await requiredText(io, "/proc/stat"));
  return async (signal) => {
    const before = previous ?? (await look());
    if (previous === undefined) await pause(FIRST_LOOK_MS, signal);
    const after = await look();
    previous = after;
    return { before, after };
  };
}

/** Rejects as soon as the signal aborts. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", abort);
      resolve();
    }, milliseconds);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  });
}
