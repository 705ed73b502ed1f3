import { ParseError } from "../../errors.ts";

/**
 * Percentage of the last 10 seconds in which at least one task waited for the resource, from /proc/pressure/cpu, memory or io
 * (https://docs.kernel.org/accounting/psi.html):
 *
 *     some avg10=1.10 avg60=0.70 avg300=0.23 total=2679595
 *     full avg10=1.10 avg60=0.70 avg300=0.23 total=2604097
 */
export function parsePressure(path: string, text: string): number {
  const match = /^some avg10=(\d+\.\d\d) avg60=\d+\.\d\d avg300=\d+\.\d\d total=\d+$/m.exec(text);
  if (match === null) throw new ParseError(path, text);
  return Number(match[1]);
}
