import { zlibSync } from "fflate";

/** Limits of one request, by track and API version. */
export type Limits = {
  /** Records of an array of logs or service checks. */
  items: number;
  /** Points of all series together. */
  points: number;
  /** Bytes of the JSON text, or of what a track takes instead. */
  rawBytes: number;
  /** Bytes as sent. */
  wireBytes: number;
};

/**
 * The limits of each track of the intake, by API version.
 * Series, v2: "The maximum payload size is 500 kilobytes (512000 bytes). Compressed payloads must have a decompressed size of
 * less than 5 megabytes (5242880 bytes)"; v1: 3.2 megabytes (3200000 bytes) and 62 megabytes (62914560 bytes)
 * (https://docs.datadoghq.com/api/latest/metrics/submit-metrics/); 10,000 points is what Datadog's agent allows itself
 * (serializer_max_series_points_per_payload).
 * Logs: "Maximum content size per payload (uncompressed): 5MB", "Maximum array size if sending multiple logs in an array:
 * 1000 entries" (https://docs.datadoghq.com/api/latest/logs/send-logs/); for v1 and v2 alike.
 */
export const LIMITS: Readonly<Record<"series" | "logs", Readonly<Record<1 | 2, Limits>>>> = {
  series: {
    1: { items: Infinity, points: 10_000, rawBytes: 62_914_560, wireBytes: 3_200_000 },
    2: { items: Infinity, points: 10_000, rawBytes: 5_242_880, wireBytes: 512_000 },
  },
  logs: {
    1: { items: 1000, points: Infinity, rawBytes: 5_000_000, wireBytes: 5_000_000 },
    2: { items: 1000, points: Infinity, rawBytes: 5_000_000, wireBytes: 5_000_000 },
  },
};

/**
 * Of the others only this is documented: an event is a request of its own, and sketches go in at most 2.5 MiB, unpacked 4 MiB,
 * from Datadog's agent. A payload of distribution points or service checks keeps to the smallest limit of series.
 */
export const OTHER_LIMITS: Readonly<Record<"distributions" | "sketches" | "events" | "checks", Limits>> = {
  distributions: { items: Infinity, points: 10_000, rawBytes: 5_242_880, wireBytes: 512_000 },
  sketches: { items: Infinity, points: 10_000, rawBytes: 4_194_304, wireBytes: 2_621_440 },
  events: { items: 1, points: Infinity, rawBytes: 512_000, wireBytes: 512_000 },
  checks: { items: 1000, points: Infinity, rawBytes: 5_242_880, wireBytes: 512_000 },
};

/** "Maximum size for a single log: 1MB"; what is over is cut by the intake wherever it happens to be. Bytes of its JSON text. */
export const MAX_LOG_BYTES = 1_000_000;

/**
 * As `Content-Encoding: deflate` has it, which is a zlib stream (RFC 1950) and no bare deflate: Datadog's own client makes
 * it with zlib, and VictoriaMetrics' intake refuses the bare one. Level 9: bandwidth is dearer than a few milliseconds.
 */
export function compress(raw: Uint8Array): Uint8Array {
  return zlibSync(raw, { level: 9 });
}
