import { ParseError } from "../../errors.ts";

/**
 * Seconds since the machine started, to a hundredth, from /proc/uptime (proc_uptime(5)): `1412.65 2807.14`. A Raspberry
 * Pi without a clock of its own jumps by months when the network sets its time; this does not.
 */
export function parseUptime(text: string, source: string): number {
  const match = /^(\d+\.\d+) \d+\.\d+\n?$/.exec(text);
  if (match === null) throw new ParseError(source, text);
  return Number(match[1]);
}
