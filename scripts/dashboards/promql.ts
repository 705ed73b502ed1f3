import type { Query } from "./panels.ts";

/**
 * Returns a query in PromQL for VictoriaMetrics or Prometheus. `filters` go into each selector, such as `host=~"$host"`; `range` is
 * the window of rates and sums, such as `$__rate_interval`.
 */
export function promql(query: Query, filters: string, range: string): string {
  const { metric, over, by, as, rest, times } = query;
  const grouped = `${over} by (${["host", ...by].join(", ")})`;
  const selector = (name: string) => {
    // Names with dots stand where both servers take them.
    const labels = [`__name__="${name}"`, ...(query.where ? [`${query.where[0]}="${query.where[1]}"`] : [])];
    return `{${[...labels, ...(filters === "" ? [] : [filters])].join(",")}}`;
  };
  const of = (name: string) => `${grouped} (${selector(name)})`;
  switch (as) {
    case "value":
      return of(metric);
    case "share":
      return `100 * ${of(metric)} / (${of(metric)} + ${of(rest ?? "")})`;
    case "rate":
      return `${grouped} (rate(${selector(metric)}[${range}]))${times === undefined ? "" : ` * ${times}`}`;
    case "total":
      return `${grouped} (sum_over_time(${selector(metric)}[${range}]))`;
  }
}
