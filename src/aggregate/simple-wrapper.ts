import { suffixedName } from "../records/normalize.ts";
import { mean, sum } from "./statistics.ts";
import type { Wrapper } from "./wrapper.ts";

/** A count is summed; of anything else the average is kept as a gauge, beside `name.count`, the number of values. */
export const simpleWrapper: Wrapper = ({ metric, type, interval, values }) => {
  if (type === "count") return [{ metric, type, value: sum(values), interval }];
  return [
    { metric, type: "gauge", value: mean(values) },
    { metric: suffixedName(metric, ".count"), type: "count", value: values.length, interval },
  ];
};
