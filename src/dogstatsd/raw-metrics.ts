import type { RawMetric } from "../model.ts";
import type { Sample } from "./metric.ts";

/** Most histogram values that a line becomes because of its rate: one datagram must not fill a small device. */
const MOST_REPEATED = 1000;

/**
 * Returns the measurements of a line that arrived at `receivedAt` (Unix seconds). Names and tags stay as received: the caller
 * normalizes them. A count is divided by its rate; a sampled histogram value is repeated `1/rate` times, rounded as in the
 * Agent; of a packed gauge only the last value remains. The client's timestamp is used unless it is in the future.
 */
export function toRawMetrics(sample: Sample, receivedAt: number): RawMetric[] {
  const common = {
    metric: sample.metric,
    tags: sample.tags,
    timestamp: Math.min(sample.timestamp ?? receivedAt, receivedAt),
  };
  switch (sample.type) {
    case "s":
      return [{ ...common, type: "set", value: [sample.values] }];
    case "c":
      return sample.values.map((value) => ({ ...common, type: "count", value: value / sample.rate }));
    case "g":
      return sample.values.slice(-1).map((value) => ({ ...common, type: "gauge", value }));
    case "d":
      return sample.values.map((value) => ({
        ...common,
        type: "distribution",
        value,
        weight: weightOf(sample.rate),
      }));
    default: {
      const times = repetitions(sample.rate, sample.values.length);
      return sample.values.flatMap((value) =>
        Array<RawMetric>(times).fill({ ...common, type: "histogram", value }),
      );
    }
  }
}

/** Most measurements that one value may stand for. */
const HEAVIEST = 1e9;

/** Measurements that a value of a histogram stands for at this rate, rounded as in the Agent. */
export function weightOf(rate: number): number {
  return Math.min(Math.floor(1 / rate), HEAVIEST);
}

function repetitions(rate: number, values: number): number {
  return Math.min(weightOf(rate), Math.max(1, Math.floor(MOST_REPEATED / values)));
}
