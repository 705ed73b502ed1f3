import { ParseError } from "../../errors.ts";

/**
 * Seconds since boot, from /proc/uptime (proc_uptime(5)); the second number is the idle time of all CPUs together:
 *
 *     1146.73 2242.41
 */
export function parseUptime(text: string): number {
  const match = /^(\d+\.\d+) \d+\.\d+\n?$/.exec(text);
  if (match === null) throw new ParseError("/proc/uptime", text);
  return Number(match[1]);
}
