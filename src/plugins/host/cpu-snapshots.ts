import { setTimeout as delay } from "node:timers/promises";
import type { Skip } from "../kernel/skipped-lines.ts";
import type { Io } from "../plugin.ts";
import { requiredText } from "./required-text.ts";
import { parseStat, type Stat } from "./stat.ts";

const FIRST_LOOK_MS = 100;

export type TakeCpuSnapshots = (skip: Skip, signal: AbortSignal) => Promise<{ before: Stat; after: Stat }>;

/**
 * Takes the CPU counters of the previous capture and the current ones. The first capture has no previous one and looks twice, 0.1 s apart: the
 * average since boot would be far from what the CPUs do. Rejects when the signal aborts in between.
 */
export function createCpuSnapshots(io: Io): TakeCpuSnapshots {
  let previous: Stat | undefined;
  return async (skip, signal) => {
    const look = async () => parseStat(await requiredText(io, "/proc/stat"), skip);
    const before = previous ?? (await look());
    if (previous === undefined) await delay(FIRST_LOOK_MS, undefined, { signal });
    const after = await look();
    // A line that was not understood is bridged.
    previous = after.total === undefined ? before : after;
    return { before, after };
  };
}
