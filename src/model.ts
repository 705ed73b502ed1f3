/** The nouns of the data path. Any module may import this file; it imports nothing. */

/** One measurement of an application, before aggregation. `timestamp` is Unix seconds and may have a fraction. */
export type RawMetric = {
  metric: string;
  /** Normalized `key:value` strings, sorted, without duplicates. */
  tags: readonly string[];
  timestamp: number;
} & (
  | { type: "count" | "gauge" | "rate" | "histogram"; value: number }
  /** The elements of a set, each as text, so that 1 and "1" stay one element as they do for Datadog. */
  | { type: "set"; value: readonly string[] }
);

export type PointType = "count" | "gauge" | "rate";

/** One value of one series at one second: final, never built again with another value. */
export type Point = {
  metric: string;
  tags: readonly string[];
  /** Whole Unix seconds. */
  timestamp: number;
  value: number;
  type: PointType;
  /** Seconds that the value covers; for counts and rates. */
  interval?: number;
  /** The host that built it; undefined where that is the one that sends it. */
  host?: string;
};

/** Makes a device reading: a gauge at the second of `at` (Unix seconds), with sorted tags. */
export function gauge(metric: string, value: number, at: number, tags: readonly string[] = []): Point {
  return { metric, tags: [...tags].sort(), timestamp: Math.floor(at), value, type: "gauge" };
}
