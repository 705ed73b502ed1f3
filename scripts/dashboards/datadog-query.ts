import type { Query } from "./panels.ts";

/**
 * Returns a query of Datadog (https://docs.datadoghq.com/dashboards/querying/). `scope` goes between the braces, such as
 * `$host,$tags`.
 */
export function datadogQuery({ metric, over, by, as, rest, times, where }: Query, scope: string): string {
  const filters = [scope, ...(where ? [where.join(":")] : [])].join(",");
  const of = (name: string) => `${over}:${name}{${filters}} by {${["host", ...by].join(",")}}`;
  switch (as) {
    case "value":
      return of(metric);
    case "share":
      return `100 * ${of(metric)} / ( ${of(metric)} + ${of(rest ?? "")} )`;
    case "rate":
      // A counter starts at 0 again with the device.
      return `clamp_min(per_second(${of(metric)}), 0)${times === undefined ? "" : ` * ${times}`}`;
    case "total":
      return `${of(metric)}.as_count()`;
  }
}
