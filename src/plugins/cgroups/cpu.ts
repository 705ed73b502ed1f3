import { setTimeout as delay } from "node:timers/promises";

/** CPU seconds of groups by path, and when they were read, in seconds since the machine started. */
export type CpuReading = { uptime: number; seconds: ReadonlyMap<string, number> };

const FIRST_WINDOW_MS = 100;

/**
 * Gives the CPU that each group used since the last call, in percent of one core. The first call has nothing to compare
 * with and therefore waits a moment and reads `again`, unless the signal aborts.
 */
export function createCpuMeter() {
  let previous: CpuReading | undefined;
  return async (
    reading: CpuReading,
    again: () => Promise<CpuReading>,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, number>> => {
    const isFirst = previous === undefined && reading.seconds.size > 0;
    if (isFirst) await delay(FIRST_WINDOW_MS, undefined, { signal }).catch(() => {});
    const before = previous ?? reading;
    const now = isFirst && !signal.aborted ? await again() : reading;
    previous = now;
    return cpuPercentages(before, now);
  };
}

/**
 * Percent of one core that each group used between two readings, 200 for two busy cores. A group that is new, or was
 * started again and counts from zero, has none; nor has any when no time passed.
 */
export function cpuPercentages(before: CpuReading, now: CpuReading): ReadonlyMap<string, number> {
  const percentages = new Map<string, number>();
  const passed = now.uptime - before.uptime;
  for (const [path, seconds] of passed > 0 ? now.seconds : []) {
    const used = seconds - (before.seconds.get(path) ?? Number.POSITIVE_INFINITY);
    if (used >= 0) percentages.set(path, (used / passed) * 100);
  }
  return percentages;
}
