import { datadogWrapper } from "../../src/aggregate/datadog-wrapper.ts";
import { type AggregateDeps, aggregate } from "../../src/jobs/aggregate.ts";
import { rawMetricParser } from "../../src/records/raw-metric.ts";
import type { Storage } from "../../src/storage/storage.ts";
import { testClock } from "../helpers/clock.ts";
import { memoryStorage, recordsOf } from "../helpers/memory-storage.ts";

export const RAW = "chouette:metrics:raw";
export const WRAPPED = "chouette:metrics:wrapped";
export const NOW = 1_591_541_275;

/** The job with a storage and a clock of its own. */
export function setUp(now = NOW, storage?: Storage) {
  const clock = testClock(now);
  const deps: AggregateDeps = {
    storage: storage ?? memoryStorage(clock.now),
    clock,
    owner: "test",
    host: "",
    interval: 10,
    ttl: 14_400,
    wrapper: datadogWrapper({ aggregates: ["max", "count"], percentiles: [] }),
    parse: rawMetricParser([]),
    newKey: () => crypto.randomUUID(),
  };
  const pass = (openWindow = false) =>
    aggregate(deps, { openWindow, patience: 0 }, new AbortController().signal);
  return { clock, deps, storage: deps.storage, pass };
}

export const point = (timestamp: number, value: number, more = {}) => ({
  metric: "m",
  tags: [],
  points: [[timestamp, value]],
  type: "count",
  interval: 10,
  ...more,
});

/** What a queue of counts adds up to, and every second at which a series has more than one value. */
export async function counts(storage: Storage): Promise<{ sum: number; doubled: string[] }> {
  const seen = new Set<string>();
  const doubled: string[] = [];
  let sum = 0;
  for (const record of (await recordsOf(storage, WRAPPED)) as {
    metric: string;
    tags: string[];
    points: [number, number][];
  }[]) {
    for (const [second, value] of record.points) {
      const place = `${record.metric}|${record.tags}@${second}`;
      if (seen.has(place)) doubled.push(place);
      seen.add(place);
      sum += value;
    }
  }
  return { sum, doubled };
}
