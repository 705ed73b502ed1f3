import type { Encoding } from "../datadog/encoding.ts";
import { encodeLog } from "../datadog/logs.ts";
import { LIMITS } from "../datadog/payload.ts";
import { encodeSeries } from "../datadog/series.ts";
import type { Point } from "../model.ts";
import { parseLog, withTime } from "../records/log.ts";
import { onlySeries, pointParser } from "../records/point.ts";
import type { OnManyTags } from "../records/series-identity.ts";
import type { DataQueue } from "../storage/storage.ts";

export type TrackName = "metrics" | "logs" | "distributions" | "sketches" | "events" | "checks";

export type Part<T> = { value: T; weight: number };

/** A record that is one thing, which is sent or refused as a whole. */
export function whole<T>(value: T | undefined): Part<T>[] | undefined {
  return value && [{ value, weight: 1 }];
}

/** `Track.only` where records have one part. */
export const asItIs: Track<unknown>["only"] = (body) => ({ body, weight: 1 });

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
   * The parts of the record of `at` (Unix seconds) that are sent or refused one by one, and how many points or logs each is; undefined
   * when it cannot be read. Throws when it can never be sent.
   */
  parse(body: string, at: number): Part<T>[] | undefined;
  /** Returns a record of several parts with some of them only, by their places. */
  only(body: string, parts: ReadonlySet<number>): { body: string; weight: number };
  encoding: Encoding<T>;
  /** Puts into the empty queue what waits elsewhere, as lines in files do; false when nothing does. */
  refill?: (() => Promise<boolean>) | undefined;
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
  const parsePoints = pointParser(sender.globalTags, onManyTags);
  const limits = LIMITS.series[version];
  return {
    name: "metrics",
    queue: "chouette:metrics:wrapped",
    bulk,
    ttl,
    taken,
    parse: (body) => {
      const series = parsePoints(body);
      // It fits no request, and a single series that the intake refuses with 413 would hold up the queue.
      const tooLong = series?.find((points) => points.length > limits.points);
      if (tooLong !== undefined)
        throw new RangeError(`it has ${tooLong.length} points, and the intake takes ${limits.points}`);
      return series?.map((points) => ({ value: points, weight: points.length }));
    },
    only: onlySeries,
    encoding: {
      track: "series",
      limits,
      encode: (series) => encodeSeries(series.flat(), { host: sender.host, version }),
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
      return whole(log && encodeLog(withTime(log, at), sender));
    },
    only: asItIs,
    encoding: {
      track: "logs",
      limits: LIMITS.logs[version],
      encode: (logs) => `[${logs.join(",")}]`,
    },
  };
}
