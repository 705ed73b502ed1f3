import { suffixedName } from "../records/normalize.ts";
import { mean, sum } from "./statistics.ts";
import type { Merged, Wrapped, Wrapper } from "./wrapper.ts";

/** A count is summed; of anything else the average is kept as a gauge, beside `name.count`, the number of values. */
export const simpleWrapper: Wrapper = Object.assign(wrap, {
  keeps: { count: "sum", gauge: "samples", rate: "samples", histogram: "samples" },
} as const);

function wrap({ metric, type, interval, values }: Merged): Wrapped[] {
  if (type === "count") return [{ metric, type, value: sum(values), interval }];
  return [
    { metric, type: "gauge", value: mean(values) },
    { metric: suffixedName(metric, ".count"), type: "count", value: values.length, interval },
  ];
}
