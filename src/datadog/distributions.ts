import type { Distribution } from "../model.ts";
import { seriesId } from "../records/series-identity.ts";

/**
 * The JSON text that /api/v1/distribution_points takes (https://docs.datadoghq.com/api/latest/metrics/#submit-distribution-points):
 * `{"series":[{"metric":"page.load","points":[[1591541270,[12,15.5]]],"type":"distribution","host":"pi","tags":["zone:a"]}]}`.
 * Distributions of one series share one object, by timestamp; those of one second share one list of values, as they would at
 * the intake. `host` is that of distributions that name none; empty: none is named.
 */
export function encodeDistributions(distributions: readonly Distribution[], host: string): string {
  const series = bySeries(distributions, host).map(({ metric, tags, host, items }) => ({
    metric,
    points: pointsOf(items),
    type: "distribution",
    host: host === "" ? undefined : host,
    tags: tags.length === 0 ? undefined : tags,
  }));
  return JSON.stringify({ series });
}

type Item = Pick<Distribution, "metric" | "tags" | "host" | "timestamp">;

/** Groups what belongs to one series of one host; `ownHost` is that of items that name none. */
export function bySeries<T extends Item>(items: readonly T[], ownHost: string) {
  const groups = new Map<string, { metric: string; tags: readonly string[]; host: string; items: T[] }>();
  for (const item of items) {
    const { metric, tags, host = ownHost } = item;
    const identity = `${seriesId(metric, tags)}|${host}`;
    const group = groups.get(identity);
    if (group === undefined) groups.set(identity, { metric, tags, host, items: [item] });
    else group.items.push(item);
  }
  return [...groups.values()];
}

function pointsOf(items: readonly Distribution[]): [timestamp: number, values: number[]][] {
  const seconds = new Map<number, number[]>();
  for (const { timestamp, values } of items)
    seconds.set(timestamp, [...(seconds.get(timestamp) ?? []), ...values]);
  return [...seconds].sort(([a], [b]) => a - b);
}
