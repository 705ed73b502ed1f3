import { gauge, type Point } from "../model.ts";
import type { NewRecord } from "../storage/storage.ts";
import type { PluginOutcome } from "./supervise.ts";

/** Chouette's own measurements: counts as raw metrics in the form that applications use (contract.md §1), gauges of plugins as points. */
export type SelfMetrics = {
  /** What one payload brought to the intake. */
  dispatched(track: "metrics" | "logs", number: number, bytes: number): NewRecord[];
  /** How many points wait to be sent. */
  queued(points: number): NewRecord[];
  /** How long a plugin's capture took in seconds, and whether it went well: final as its points are, and stored with them. */
  capture(outcome: PluginOutcome, at: number): Point[];
};

export function createSelfMetrics(now: () => number, newKey: () => string): SelfMetrics {
  const record = (metric: string, type: "count" | "gauge", value: number): NewRecord => {
    const timestamp = now();
    return {
      key: newKey(),
      at: timestamp,
      body: JSON.stringify({ metric, type, value, timestamp, tags: {} }),
    };
  };
  return {
    dispatched: (track, number, bytes) => [
      record(`chouette.dispatched.${track}.number`, "count", number),
      record(`chouette.dispatched.${track}.bytes`, "count", bytes),
    ],
    queued: (points) => [record("chouette.queued.metrics", "gauge", points)],
    capture: ({ plugin, duration, ok }, at) => [
      gauge("chouette.plugin.duration", rounded(duration), at, [`plugin:${plugin}`]),
      gauge("chouette.plugin.success", ok ? 1 : 0, at, [`plugin:${plugin}`]),
    ],
  };
}

/** Rounds to 5 significant digits: the clock's nanoseconds say nothing, and each digit costs a byte on the air. */
function rounded(value: number): number {
  return Number(value.toPrecision(5));
}
