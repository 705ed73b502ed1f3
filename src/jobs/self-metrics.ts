import { gauge, type Point } from "../model.ts";
import { serviceCheckRecord } from "../records/service-check.ts";
import type { NewRecord } from "../storage/storage.ts";
import type { PluginOutcome } from "./supervise.ts";
import type { TrackName } from "./track.ts";

/** Chouette's own measurements: counts as raw metrics in the form that applications use, gauges of plugins as points. */
export type SelfMetrics = {
  /** Returns the metrics of one delivered payload. None for service checks: the agent's own would cause more than it is. */
  dispatched(track: TrackName, number: number, bytes: number): NewRecord[];
  /** Returns the number of records that were dropped for a reason as a metric. */
  dropped(reason: string, number: number): NewRecord;
  /** Returns the number of queued points as a metric. */
  queued(points: number): NewRecord[];
  /** Returns the service check `chouette.up`, for the queue of checks. */
  up(): NewRecord;
  /** Returns the logs and bytes (before compression) that a source of the device queued. */
  logs(source: string, lines: number, bytes: number): NewRecord[];
  /** Returns the bytes written to the card in the interval (seconds) before a capture. */
  written(bytes: number, at: number, interval: number): Point[];
  /** Returns duration (seconds) and success of a plugin's capture: final like its points, and stored with them. */
  capture(outcome: PluginOutcome, at: number): Point[];
};

export function createSelfMetrics(now: () => number, newKey: () => string): SelfMetrics {
  const record = (metric: string, type: "count" | "gauge", value: number, tags = {}): NewRecord => {
    const timestamp = now();
    return {
      key: newKey(),
      at: timestamp,
      body: JSON.stringify({ metric, type, value, timestamp, tags }),
    };
  };
  return {
    dispatched: (track, number, bytes) => {
      if (track === "checks") return [];
      const what = track === "sketches" ? "distributions" : track;
      return [
        record(`chouette.dispatched.${what}.number`, "count", number),
        record(`chouette.dispatched.${what}.bytes`, "count", bytes),
      ];
    },
    dropped: (reason, number) => record("chouette.dropped", "count", number, { reason }),
    queued: (points) => [record("chouette.queued.metrics", "gauge", points)],
    up: () => serviceCheckRecord({ name: "chouette.up", status: 0, tags: [] }, now(), newKey()),
    logs: (source, lines, bytes) => [
      record("chouette.logs.lines", "count", lines, { source }),
      record("chouette.logs.bytes", "count", bytes, { source }),
    ],
    written: (value, at, interval) => [
      { ...gauge("chouette.disk.written", value, at), type: "count", interval },
    ],
    capture: ({ plugin, duration, ok }, at) => [
      gauge("chouette.plugin.duration", rounded(duration), at, [`plugin:${plugin}`]),
      gauge("chouette.plugin.success", ok ? 1 : 0, at, [`plugin:${plugin}`]),
    ],
  };
}

/** Rounds to 5 significant digits: more are noise of the clock, and each costs a byte on the air. */
function rounded(value: number): number {
  return Number(value.toPrecision(5));
}
