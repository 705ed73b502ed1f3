import type { Sketch } from "../model.ts";

type Summary = Pick<Sketch, "count" | "min" | "max" | "sum" | "bins">;

/**
 * Summarizes values (not none) in bins as Datadog's agent does (pkg/util/quantile/config.go of DataDog/datadog-agent): each bin is
 * 1/64 wide, so that a quantile is right to 1/128. `weights` tell how many measurements each value stands for, 1 where undefined.
 */
export function sketchOf(values: readonly number[], weights: readonly number[] | undefined): Summary {
  const bins = new Map<number, number>();
  let count = 0;
  let sum = 0;
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const [index, value] of values.entries()) {
    const weight = weights?.[index] ?? 1;
    const key = binKey(value);
    bins.set(key, (bins.get(key) ?? 0) + weight);
    count += weight;
    sum += value * weight;
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  return { count, min, max, sum, bins: fewer([...bins].sort(([a], [b]) => a - b)) };
}

const GAMMA_LN = Math.log(1 + 2 / 128);
const SMALLEST = 1e-9;
const BIAS = 1 - Math.floor(Math.log(SMALLEST) / GAMMA_LN);

/** Bins of one sketch. */
const MOST_BINS = 4096;

/** Returns the bin of a value: 1338 for 1, 0 for what is nearly zero, the negative one of its size for a negative value. */
export function binKey(value: number): number {
  if (value < 0) return -binKey(-value);
  return value < SMALLEST ? 0 : roundHalfEven(Math.log(value) / GAMMA_LN) + BIAS;
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const isHalf = value - floor === 0.5;
  return isHalf ? floor + (floor % 2 === 0 ? 0 : 1) : Math.round(value);
}

/** The smallest values share a bin when there are too many, as in the agent: large values are what people look at. */
function fewer(bins: readonly (readonly [key: number, count: number])[]): Summary["bins"] {
  const excess = bins.length - MOST_BINS;
  if (excess <= 0) return bins;
  const [first = [0, 0] as const, ...rest] = bins.slice(excess);
  const shared = bins.slice(0, excess).reduce((total, [, count]) => total + count, first[1]);
  return [[first[0], shared], ...rest];
}
