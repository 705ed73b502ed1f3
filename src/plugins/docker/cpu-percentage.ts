import type { ContainerStats } from "./container-stats.ts";

/**
 * Percent of one core, as `docker stats` counts it: 100 is one core busy all the time.
 * Between our own two readings where the engine says when it read (`read`), else over the engine's own last second;
 * undefined at the first one-shot reading and when the counter went back because the container was restarted.
 */
export function cpuPercentage(before: ContainerStats | undefined, now: ContainerStats): number | undefined {
  const used = difference(before?.cpuTotal, now.cpuTotal);
  const passed = difference(before?.readAt, now.readAt);
  if (used === undefined || !passed) return now.cpuPercentage;
  return (used / (passed * 1e6)) * 100;
}

function difference(before: number | undefined, now: number | undefined): number | undefined {
  return before !== undefined && now !== undefined && now >= before ? now - before : undefined;
}
