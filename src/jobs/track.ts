import type { Encoding } from "../datadog/encoding.ts";
import { encodeLog } from "../datadog/logs.ts";
import { LIMITS } from "../datadog/payload.ts";
import { encodeSeries } from "../datadog/series.ts";
import type { Point } from "../model.ts";
import { parseLog, withTime } from "../records/log.ts";
import { pointParser } from "../records/point.ts";
import type { OnManyTags } from "../records/series-identity.ts";
import type { DataQueue } from "../storage/storage.ts";

export type TrackName = "metrics" | "logs" | "distributions" | "sketches" | "events" | "checks";

/** One of the tracks to Datadog: its queue, and how records are read and encoded. */
export type Track<T> = {
  name: TrackName;
  queue: DataQueue;
  /** Records read at a time. */
  bulk: number;
  /** Seconds after which a record is not sent any more. */
  ttl: number;
  /** Seconds after which the intake would throw a record away behind its 202; undefined: never. */
  taken?: number | undefined;
  /**
   * What the record of `at` (Unix seconds) holds and how many points or logs that is; undefined when it cannot be read. Throws when
   * it can never be sent.
   */
  parse(body: string, at: number): { value: T; weight: number } | undefined;
  encoding: Encoding<T>;
};

/**
 * Seconds: "timestamps should be in POSIX time in seconds, and cannot be more than ten minutes in the future or more than one hour
 * in the past" (https://docs.datadoghq.com/api/latest/metrics/#submit-metrics). What is older is answered with a 202, too.
 */
export const OLDEST_POINT = 3600;

/** Host and tags attached to everything sent. */
export type Sender = { host: string; globalTags: readonly string[] };

export function metricsTrack(
  sender: Sender,
  {
    version,
    ttl,
    taken,
    bulk,
    onManyTags,
  }: { version: 1 | 2; ttl: number; taken?: number | undefined; bulk: number; onManyTags?: OnManyTags },
): Track<Point[]> {
  const parsePoint = pointParser(sender.globalTags, onManyTags);
  const limits = LIMITS.series[version];
  return {
    name: "metrics",
    queue: "chouette:metrics:wrapped",
    bulk,
    ttl,
    taken,
    parse: (body) => {
      const points = parsePoint(body);
      // It fits no request, and a single record that the intake refuses with 413 would hold up the queue.
      if (points !== undefined && points.length > limits.points)
        throw new RangeError(`it has ${points.length} points, and the intake takes ${limits.points}`);
      return points && { value: points, weight: points.length };
    },
    encoding: {
      track: "series",
      limits,
      encode: (records) => encodeSeries(records.flat(), { host: sender.host, version }),
    },
  };
}

/** Returns the track of logs. A log is encoded when it is read: its text takes less memory than its values. */
export function logsTrack(sender: Sender, { version, ttl }: { version: 1 | 2; ttl: number }): Track<string> {
  return {
    name: "logs",
    queue: "chouette:logs:wrapped",
    bulk: LIMITS.logs[version].items,
    ttl,
    parse: (body, at) => {
      const log = parseLog(body);
      return log && { value: encodeLog(withTime(log, at), sender), weight: 1 };
    },
    encoding: {
      track: "logs",
      limits: LIMITS.logs[version],
      encode: (logs) => `[${logs.join(",")}]`,
    },
  };
}
