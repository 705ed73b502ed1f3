import type { PointType, RawMetric } from "../model.ts";

/** All raw metrics of one name, type and tag set in one window. Distributions are not among them: the intake aggregates those. */
export type Merged = {
  metric: string;
  type: Exclude<RawMetric["type"], "distribution">;
  /** Sorted, without duplicates. */
  tags: readonly string[];
  /** Seconds: the length of the window. */
  interval: number;
  /** Values in the order of their timestamps, or what `Keeps` makes of them; not empty. For a set: the number of its distinct elements, alone. */
  values: readonly number[];
  /** For a wrapper that keeps `values`: how many measurements each stands for; undefined when each is one. */
  weights?: readonly number[];
};

/** One value that the window comes to; tags and time are added by the caller. */
export type Wrapped = { metric: string; type: PointType; value: number; interval?: number };

/**
 * What a window keeps of the values of a type while records are read: their sum alone, the value with the latest timestamp
 * alone, all values in any order, or all with their timestamps, in whose order they are given then.
 */
export type Keep = "sum" | "latest" | "values" | "samples";

export type Keeps = Readonly<Record<Exclude<Merged["type"], "set">, Keep>>;

/**
 * Turns what was measured in a window into what is sent. A custom module exports such a function as its default; it is
 * given all values in the order of their timestamps, a built-in one what it says that it `keeps`.
 */
export type Wrapper = ((merged: Merged) => Wrapped[]) & { keeps?: Keeps };
