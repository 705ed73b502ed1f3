import { sound } from "../reading.ts";
import type { Skip } from "./skipped-lines.ts";

/**
 * Parses the seconds since boot, to a hundredth, from /proc/uptime (proc_uptime(5)); the second number is the idle time of all
 * CPUs together. Setting the clock does not change it.
 *
 *     1146.73 2242.41
 */
export function parseUptime(text: string, skip: Skip): number | undefined {
  const seconds = /^(\d+(?:\.\d+)?)(?:\s|$)/.exec(text)?.[1];
  if (seconds !== undefined) return sound(Number(seconds));
  skip("/proc/uptime", text);
  return undefined;
}
