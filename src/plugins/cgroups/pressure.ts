import { ParseError } from "../../errors.ts";

/**
 * The share, in percent, of the last 60 seconds in which at least one task waited; from cpu.pressure, memory.pressure
 * or io.pressure (https://docs.kernel.org/accounting/psi.html):
 *
 *     some avg10=3.00 avg60=2.10 avg300=4.00 total=1154482
 *     full avg10=10.00 avg60=30.00 avg300=0.50 total=1154482
 */
export function parsePressure(text: string, source: string): number {
  const match = /^some avg10=[\d.]+ avg60=(\d+(?:\.\d+)?) avg300=[\d.]+ total=\d+(?:\n|$)/.exec(text);
  if (match === null) throw new ParseError(source, text);
  return Number(match[1]);
}
