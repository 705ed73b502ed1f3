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

/** Values ascending, how many measurements each stands for (undefined: one), and how many there are in all. */
export type Weighted = {
  values: readonly number[];
  weights: readonly number[] | undefined;
  count: number;
};

export function sortWeighted(values: readonly number[], weights: readonly number[] | undefined): Weighted {
  if (weights === undefined)
    return { values: [...values].sort((a, b) => a - b), weights, count: values.length };
  const pairs = values.map((value, index): [number, number] => [value, weights[index] ?? 1]);
  pairs.sort(([a], [b]) => a - b);
  const sorted = pairs.map(([, weight]) => weight);
  return { values: pairs.map(([value]) => value), weights: sorted, count: sum(sorted) };
}

/** Sum of the values, each as often as it was measured. */
export function weightedSum({ values, weights }: Weighted): number {
  if (weights === undefined) return sum(values);
  let total = 0;
  for (const [index, value] of values.entries()) total += value * (weights[index] ?? 1);
  return total;
}

/**
 * The `p`-quantile (p in [0, 1]) of values that are not empty: linear interpolation between the closest ranks,
 * numpy's default (https://numpy.org/doc/stable/reference/generated/numpy.percentile.html, method "linear", R-7), and
 * numpy's own way to interpolate, so that the last bit agrees too. A weighted value is that many equal ones.
 */
export function quantile(sorted: Weighted, p: number): number {
  const rank = p * (sorted.count - 1);
  const lower = valueAt(sorted, Math.floor(rank));
  const upper = valueAt(sorted, Math.ceil(rank));
  const fraction = rank - Math.floor(rank);
  const step = upper - lower;
  return fraction >= 0.5 ? upper - step * (1 - fraction) : lower + step * fraction;
}

/** The value of a rank, from 0 on. */
function valueAt({ values, weights }: Weighted, rank: number): number {
  if (weights === undefined) return values[rank] ?? Number.NaN;
  let above = 0;
  const index = weights.findIndex((weight) => {
    above += weight;
    return above > rank;
  });
  return values[index] ?? Number.NaN;
}
