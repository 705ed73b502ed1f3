import type { ContainerStats } from "./container-stats.ts";

/** The counters of a container, and when they were read: seconds of a clock that cannot be set. */
export type Timed = { stats: ContainerStats; at: number };

/**
 * Percent of one core, as `docker stats` counts it: 100 is one core busy all the time. Over the time between our own two readings;
 * without an earlier one over the engine's own last second, undefined in a one-shot answer. The time of day in the answer (`read`)
 * is not used: boards without a battery for their clock set it by days when they find the network. Undefined too when the counter
 * went back because the container was restarted.
 */
export function cpuPercentage(before: Timed | undefined, now: Timed): number | undefined {
  const [earlier, later] = [before?.stats.cpuTotal, now.stats.cpuTotal];
  if (before === undefined || earlier === undefined || later === undefined) return now.stats.cpuPercentage;
  const seconds = now.at - before.at;
  return later < earlier || seconds <= 0
    ? now.stats.cpuPercentage
    : ((later - earlier) / (seconds * 1e9)) * 100;
}
