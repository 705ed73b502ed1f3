/** The largest 32-bit float: "32-bit float gauge-type" is what the intake's API says of the value of a point. */
const LARGEST = 3.4028234663852886e38;

/** Tells whether a value can be that of a point: a finite number, and no larger than the intake takes. */
export function isValue(value: unknown): value is number {
  return typeof value === "number" && Math.abs(value) <= LARGEST;
}
