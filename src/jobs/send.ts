import { deliver, type Item } from "../datadog/deliver.ts";
import type { Delivery, Intake } from "../datadog/delivery.ts";
import { unreadable as whyUnreadable } from "../records/unreadable.ts";
import { backoffSeconds } from "../schedule/backoff.ts";
import type { Clock } from "../schedule/clock.ts";
import { deadline } from "../schedule/deadline.ts";
import type { Storage } from "../storage/storage.ts";
import { withLease } from "./lease.ts";
import type { RejectedCount } from "./rejected.ts";
import type { SelfMetrics } from "./self-metrics.ts";
import { createSettlement, readRecords } from "./settlement.ts";
import type { Track } from "./track.ts";

/** Bytes of records read at a time, and of one record that is read at all. */
const BYTES = { maxBytes: 8_000_000, maxBody: 5_000_000 } as const;

/**
 * Records in the first payload after a failure, and how much larger each one may be after a payload that was taken: one that is
 * refused or not heard should cost few bytes on the air, and a slow network gets as much as it carries.
 */
const PROBE = 10;
const GROWTH = 4;

/** Seconds after which a wait looks at the lease again. */
const LONGEST_SLEEP = 30;

/** Seconds that a request under way may still take once the agent is told to stop. */
const GRACE = 5;

export type SendDeps = {
  storage: Storage;
  intake: Intake;
  clock: Clock;
  /** This process, for the lease. */
  owner: string;
  random: () => number;
  /** Undefined: Chouette does not measure itself. */
  selfMetrics: SelfMetrics | undefined;
};

export type SendOptions = {
  /** Seconds for the whole release. */
  seconds: number;
  /** Failed deliveries after which the release ends. */
  attempts: number;
  /** Seconds to wait for another process that sends. */
  patience: number;
  /** Seconds that the release may rest between two requests: an intake may ask for an hour. */
  longestPause: number;
  /** Is told after each payload what has been delivered so far. */
  progress?: (report: SendReport) => void;
};

export type SendReport = {
  track: "metrics" | "logs";
  /** Points or logs that the intake took. */
  delivered: number;
  /** On the wire, compressed. */
  bytes: number;
  expired: number;
  /** Records that went there because they cannot be read. */
  malformed: RejectedCount;
  /** Records that can be read and went to the rejected queue: too large, or refused by the intake. */
  rejected: RejectedCount;
  /** Records that stay in the queue. */
  remaining: number;
  /** Why the intake did not take the rest. */
  failure: Delivery | undefined;
};

/** A release of one queue: bulk after bulk, oldest first, until it is empty, the time is over or the intake does not take it. */
export type Send = (options: SendOptions, stop: AbortSignal) => Promise<SendReport>;

/** The sender of a track. It remembers failures from one release to the next, waits longer after each and asks with little. */
export function createSend<T>(deps: SendDeps, track: Track<T>): Send {
  const { storage, intake, clock } = deps;
  const { queue } = track;
  const lease = { name: queue, owner: deps.owner };
  let size = track.bulk;
  /** The intake has taken something: what it refuses from now on is not because of its address. */
  let trusted = false;
  let failures = 0;
  let notBefore = 0;
  let failure: Delivery | undefined;

  return async (options, stop) => {
    // A lease is written to the SD card twice: it is not taken for nothing.
    const { count } = await storage.size(queue);
    if (count === 0) return emptyReport(track.name);
    return withLease(deps, lease, { patience: options.patience, signal: stop }, async (keep) => {
      const report = emptyReport(track.name);
      const own = track.name === "metrics" ? (deps.selfMetrics?.queued(count) ?? []) : [];
      const settlement = createSettlement(deps, track, lease, report, own);
      const end = clock.monotonic() + options.seconds;
      const limit = deadline(clock, options.seconds, stop, GRACE);
      const kept: Intake = {
        ...intake,
        post: async (...request) => {
          await keep();
          return intake.post(...request);
        },
      };
      try {
        report.expired = await storage.expire(queue, clock.now() - track.ttl);
        let attempts = 0;
        while (attempts < options.attempts && notBefore < end && !stop.aborted && !limit.signal.aborted) {
          await keep();
          const pause = notBefore - clock.monotonic();
          if (pause > options.longestPause) break;
          if (pause > 0) {
            await clock.sleep(Math.min(pause, LONGEST_SLEEP), stop);
            continue;
          }
          const records = await storage.peek(queue, { ...BYTES, limit: size });
          if (records.length === 0) break;
          const { items, unreadable } = readRecords(records, track.parse, whyUnreadable);
          await settlement.rejected(unreadable, "malformed");
          const bodies = new Map(records.map(({ key, body }) => [key, body]));
          const before = report.delivered;
          const delivery = await deliver(
            withinBulk(items, track.bulk),
            track.encoding,
            kept,
            {
              accepted: async (taken, bytes) => {
                trusted = true;
                await settlement.accepted(taken, bytes);
                options.progress?.(report);
              },
              rejected: ({ key }, reason) => settlement.rejected([{ key, body: bodies.get(key), reason }]),
            },
            limit.signal,
            { trusted },
          );
          if (delivery.outcome === "accepted") {
            // Nothing may have been posted at all: every record was unreadable, or too large.
            if (report.delivered === before) continue;
            failure = undefined;
            failures = 0;
            size = Math.min(track.bulk, size * GROWTH);
            continue;
          }
          if (stop.aborted) break;
          failure = delivery;
          failures++;
          attempts++;
          trusted = false;
          // What refuses each record is asked with all of them: one that it takes, wherever it lies, tells who is bad.
          size = delivery.status === 400 ? track.bulk : PROBE;
          notBefore =
            clock.monotonic() + Math.max(backoffSeconds(failures, deps.random), delivery.retryAfter ?? 0);
          await settlement.failed(delivery);
          if (delivery.outcome === "hold") break;
        }
        await settlement.finish();
        report.remaining = (await storage.size(queue)).count;
        report.failure = report.remaining > 0 ? failure : undefined;
        return report;
      } finally {
        limit.clear();
      }
    });
  };
}

/** The first items that together have no more points than one bulk; one at least. */
function withinBulk<T>(items: readonly Item<T>[], bulk: number): Item<T>[] {
  let points = 0;
  return items.filter(({ weight }, index) => {
    points += weight;
    return index === 0 || points <= bulk;
  });
}

function emptyReport(track: SendReport["track"]): SendReport {
  return {
    track,
    delivered: 0,
    bytes: 0,
    expired: 0,
    malformed: { count: 0, first: undefined },
    rejected: { count: 0, first: undefined },
    remaining: 0,
    failure: undefined,
  };
}
