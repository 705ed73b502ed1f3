/** Sum of the values; 0 for none. */
export function sum(values: readonly number[]): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/** Arithmetic mean; the list may not be empty. */
export function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

/**
 * The `p`-quantile (p in [0, 1]) of values sorted ascending, not empty: linear interpolation between the closest ranks,
 * numpy's default (https://numpy.org/doc/stable/reference/generated/numpy.percentile.html, method "linear", R-7), and
 * numpy's own way to interpolate, so that the last bit agrees too.
 */
export function quantile(sorted: readonly number[], p: number): number {
  const rank = p * (sorted.length - 1);
  const lower = sorted[Math.floor(rank)] ?? Number.NaN;
  const upper = sorted[Math.ceil(rank)] ?? Number.NaN;
  const fraction = rank - Math.floor(rank);
  const step = upper - lower;
  return fraction >= 0.5 ? upper - step * (1 - fraction) : lower + step * fraction;
}
