/** A sum that is folded value by value. `parts` appear with the first value that is not a whole number. */
export type ExactSum = { whole: number; parts: number[] | undefined };

export function emptySum(): ExactSum {
  return { whole: 0, parts: undefined };
}

/** Adds a finite value. What the sum comes to does not depend on the order in which values are added. */
export function addToSum(sum: ExactSum, value: number): void {
  const whole = sum.whole + value;
  if (sum.parts === undefined && Number.isSafeInteger(value) && Number.isSafeInteger(whole)) {
    sum.whole = whole;
    return;
  }
  sum.parts ??= [sum.whole];
  sum.parts = withPart(sum.parts, value);
}

/** The sum, rounded once to the nearest number; not finite when it was too large for a number on the way. */
export function sumTotal({ whole, parts }: ExactSum): number {
  if (parts === undefined) return whole;
  let at = parts.length - 1;
  let high = parts[at] ?? 0;
  let low = 0;
  while (at > 0 && low === 0) {
    const part = parts[--at] ?? 0;
    const total = high + part;
    low = part - (total - high);
    high = total;
  }
  // Half-way between two numbers the parts that are left decide, where the addition above took the even one.
  if (Math.sign(low) * Math.sign(parts[at - 1] ?? 0) <= 0) return high;
  const next = high + 2 * low;
  return next - high === 2 * low ? next : high;
}

/**
 * Adds a value to parts whose bits do not overlap, ascending by size, so that nothing is rounded away (J. R. Shewchuk, "Adaptive
 * Precision Floating-Point Arithmetic", 1997, "grow expansion"; as math.fsum of Python).
 */
function withPart(parts: readonly number[], value: number): number[] {
  const grown: number[] = [];
  let high = value;
  for (const part of parts) {
    const [large, small] = Math.abs(high) < Math.abs(part) ? [part, high] : [high, part];
    high = large + small;
    if (!Number.isFinite(high)) return [high];
    const low = small - (high - large);
    if (low !== 0) grown.push(low);
  }
  grown.push(high);
  return grown;
}
