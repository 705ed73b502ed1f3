import { suffixedName } from "../records/normalize.ts";
import { quantile, sortWeighted, sum, type Weighted, weightedSum } from "./statistics.ts";
import type { Keeps, Merged, Wrapped, Wrapper } from "./wrapper.ts";

export const HISTOGRAM_AGGREGATES = ["max", "median", "avg", "count", "sum", "min"] as const;

export type HistogramAggregate = (typeof HISTOGRAM_AGGREGATES)[number];

export type HistogramOptions = {
  aggregates: readonly HistogramAggregate[];
  /** Fractions: 0.95 gives `name.95percentile`. */
  percentiles: readonly number[];
};

/**
 * Aggregates as Datadog does (https://docs.datadoghq.com/metrics/types/): a count is summed, a gauge keeps its latest value,
 * a rate is the sum per second, a set counts its distinct elements, a histogram becomes its aggregates and percentiles.
 */
export function datadogWrapper(histogram: HistogramOptions): Wrapper {
  const wrap = (merged: Merged): Wrapped[] => {
    const { metric, interval, values } = merged;
    switch (merged.type) {
      case "count":
        return [{ metric, type: "count", value: sum(values), interval }];
      case "gauge":
        return [{ metric, type: "gauge", value: values.at(-1) ?? Number.NaN }];
      case "rate":
        return [{ metric, type: "rate", value: sum(values) / interval, interval }];
      case "set":
        return [{ metric, type: "count", value: sum(values), interval }];
      case "histogram":
        return wrapHistogram(merged, histogram);
    }
  };
  return Object.assign(wrap, { keeps: KEEPS });
}

const KEEPS: Keeps = { count: "sum", gauge: "latest", rate: "sum", histogram: "values" };

function wrapHistogram(merged: Merged, options: HistogramOptions): Wrapped[] {
  const { metric, interval } = merged;
  const sorted = sortWeighted(merged.values, merged.weights);
  const aggregates = options.aggregates.map((name): Wrapped => {
    if (name === "count") {
      return {
        metric: suffixedName(metric, ".count"),
        type: "rate",
        value: sorted.count / interval,
        interval,
      };
    }
    return { metric: suffixedName(metric, `.${name}`), type: "gauge", value: AGGREGATE[name](sorted) };
  });
  const percentiles = options.percentiles.map(
    (p): Wrapped => ({
      metric: suffixedName(metric, `.${Math.floor(p * 100 + 0.5)}percentile`),
      type: "gauge",
      value: quantile(sorted, p),
    }),
  );
  return [...aggregates, ...percentiles];
}

const AGGREGATE: Record<Exclude<HistogramAggregate, "count">, (sorted: Weighted) => number> = {
  max: ({ values }) => values.at(-1) ?? Number.NaN,
  min: ({ values }) => values[0] ?? Number.NaN,
  median: (sorted) => quantile(sorted, 0.5),
  avg: (sorted) => weightedSum(sorted) / sorted.count,
  sum: weightedSum,
};
