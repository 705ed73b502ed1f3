import { sound } from "../reading.ts";
import type { Skip } from "./skipped-lines.ts";

/**
 * Parses the percentage of the last 10 or 60 seconds in which at least one task waited for a resource, from /proc/pressure/io or
 * the io.pressure of a control group (https://docs.kernel.org/accounting/psi.html). `full` is missing before Linux 5.13 for cpu.
 *
 *     some avg10=1.10 avg60=0.70 avg300=0.23 total=2679595
 *     full avg10=1.10 avg60=0.70 avg300=0.23 total=2604097
 */
export function parsePressure(
  text: string,
  source: string,
  seconds: 10 | 60,
  skip: Skip,
): number | undefined {
  const line = text.split("\n").find((each) => each.startsWith("some "));
  const average = line?.split(" ").find((word) => word.startsWith(`avg${seconds}=`));
  const number = average?.slice(average.indexOf("=") + 1) ?? "";
  if (/^\d+(\.\d+)?$/.test(number)) return sound(Number(number));
  skip(source, line ?? text);
  return undefined;
}
