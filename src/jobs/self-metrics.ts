import type { NewRecord } from "../storage/storage.ts";

/** Chouette's own measurements as raw metrics, in the form that applications use (contract.md §1). */
export type SelfMetrics = {
  /** What one payload brought to the intake. */
  dispatched(track: "metrics" | "logs", number: number, bytes: number): NewRecord[];
  /** How many points wait to be sent. */
  queued(points: number): NewRecord[];
  /** How long a plugin's capture took in seconds, and whether it went well. */
  plugin(name: string, duration: number, success: boolean): NewRecord[];
};

export function createSelfMetrics(now: () => number, newKey: () => string): SelfMetrics {
  const record = (metric: string, type: "count" | "gauge", value: number, tags = {}): NewRecord => {
    const timestamp = now();
    return { key: newKey(), at: timestamp, body: JSON.stringify({ metric, type, value, timestamp, tags }) };
  };
  return {
    dispatched: (track, number, bytes) => [
      record(`chouette.dispatched.${track}.number`, "count", number),
      record(`chouette.dispatched.${track}.bytes`, "count", bytes),
    ],
    queued: (points) => [record("chouette.queued.metrics", "gauge", points)],
    plugin: (plugin, duration, success) => [
      record("chouette.plugin.duration", "gauge", duration, { plugin }),
      record("chouette.plugin.success", "gauge", success ? 1 : 0, { plugin }),
    ],
  };
}
