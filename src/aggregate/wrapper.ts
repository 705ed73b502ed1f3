import type { PointType, RawMetric } from "../model.ts";

/** All raw metrics of one name, type and tag set in one window. */
export type Merged = {
  metric: string;
  type: RawMetric["type"];
  /** Sorted, without duplicates. */
  tags: readonly string[];
  /** Seconds: the length of the window. */
  interval: number;
  /** Values in the order of their timestamps; not empty. For a set: the number of its distinct elements, alone. */
  values: readonly number[];
};

/** One value that the window comes to; tags and time are added by the caller. */
export type Wrapped = { metric: string; type: PointType; value: number; interval?: number };

/** Turns what was measured in a window into what is sent. One's own module exports such a function as its default. */
export type Wrapper = (merged: Merged) => Wrapped[];
