/** The nouns of the data path. Any module may import this file; it imports nothing. */

/** One measurement of an application, before aggregation. `timestamp` is Unix seconds and may have a fraction. */
export type RawMetric = {
  metric: string;
  /** Normalized `key:value` strings, sorted, without duplicates. */
  tags: readonly string[];
  timestamp: number;
} & (
  | { type: "count" | "gauge" | "rate" | "histogram"; value: number }
  /** `weight`: measurements that the value stands for. */
  | { type: "distribution"; value: number; weight: number }
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

/** Something that happened, once. Fields that are missing get the sender's: its host, the time of the record. */
export type Event = {
  title: string;
  text: string;
  /** Unix seconds. */
  timestamp?: number;
  host?: string;
  priority?: "normal" | "low";
  alertType?: "error" | "warning" | "info" | "success";
  aggregationKey?: string;
  sourceType?: string;
  tags: readonly string[];
};

/** The state of a service as something checked it. */
export type ServiceCheck = {
  name: string;
  /** OK, warning, critical, unknown. */
  status: 0 | 1 | 2 | 3;
  /** Unix seconds. */
  timestamp?: number;
  host?: string;
  message?: string;
  tags: readonly string[];
};

/** The values of one distribution at one second. The intake merges what it is sent for a second, so each is sent once. */
export type Distribution = {
  metric: string;
  tags: readonly string[];
  /** Whole Unix seconds. */
  timestamp: number;
  /** In any order; a value that stands for several is repeated. */
  values: readonly number[];
  /** The host that built it; undefined where that is the one that sends it. */
  host?: string;
};

/** A distribution of many values, as counts of values within a percent or so of each other (datadog/sketch.ts). */
export type Sketch = Omit<Distribution, "values"> & {
  count: number;
  min: number;
  max: number;
  sum: number;
  /** Bins in ascending order, and how many values each of them holds. */
  bins: readonly (readonly [key: number, count: number])[];
};

/** Makes a device reading: a gauge at the second of `at` (Unix seconds), with sorted tags. */
export function gauge(metric: string, value: number, at: number, tags: readonly string[] = []): Point {
  return { metric, tags: [...tags].sort(), timestamp: Math.floor(at), value, type: "gauge" };
}
