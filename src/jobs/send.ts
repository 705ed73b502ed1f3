import { deliver } from "../datadog/deliver.ts";
import type { Delivery, Intake } from "../datadog/delivery.ts";
import type { Item } from "../datadog/encoding.ts";
import { MAX_RECORD_BYTES, unreadable as whyUnreadable } from "../records/unreadable.ts";
import { backoffSeconds } from "../schedule/backoff.ts";
import { deadline } from "../schedule/deadline.ts";
import { withLease } from "./lease.ts";
import { emptyReport, type SendDeps, type SendReport } from "./send-report.ts";
import { afterEvent, initialState, nextStep, type SendEvent } from "./send-state.ts";
import { createSettlement, readRecords, type Settlement } from "./settlement.ts";
import type { Track } from "./track.ts";

/** Bytes of records read at a time, and of one record that is read at all. */
const BYTES = { maxBytes: 8_000_000, maxBody: MAX_RECORD_BYTES } as const;

/** Seconds that a pending request may still take once the agent is stopping. */
const GRACE = 5;

/** Seconds that the requests of a batch should take, and their share of a release. */
const AIM = 10;
const AIM_SHARE = 0.2;

export type SendOptions = {
  /** Seconds for the whole release, after which no request is started. */
  seconds: number;
  /** The request under way at the end of a release may finish: what may have been taken would be sent again. */
  letFinish: boolean;
  /** Failed deliveries after which the release ends. */
  attempts: number;
  /** Seconds to wait for another process that sends. */
  patience: number;
  /** Seconds that the release may rest between two requests: an intake may ask for an hour. */
  longestPause: number;
  /** Hears after each accepted payload what has been delivered so far. */
  progress?: (report: SendReport) => void;
};

/** Releases one queue: batch after batch, oldest first, until it is empty, the time is over or the intake stops taking it. */
export type Send = (options: SendOptions, stop: AbortSignal) => Promise<SendReport>;

/**
 * Creates the sender of a track. It remembers failures from one release to the next, waits longer after each, and sends few
 * records first afterwards.
 */
export function createSend<T>(deps: SendDeps, track: Track<T>): Send {
  const { storage, clock } = deps;
  const { queue } = track;
  const lease = { name: queue, owner: deps.owner };
  let state = initialState(track.bulk);
  const happened = (event: SendEvent) => {
    state = afterEvent(state, event, track.bulk);
  };

  /** Sends one batch of at most so many records; undefined when the queue is empty. */
  const sendBatch = async (
    records: number,
    settlement: Settlement<T>,
    intake: Intake,
    limit: AbortSignal,
  ): Promise<{ delivery: Delivery; records: number } | undefined> => {
    const batch = await storage.peek(queue, { ...BYTES, limit: records });
    if (batch.length === 0) return undefined;
    const { items, unreadable } = readRecords(batch, track.parse, whyUnreadable);
    await settlement.rejected(unreadable, "malformed");
    const bodies = new Map(batch.map(({ key, body }) => [key, body]));
    const report = {
      accepted: async (taken: readonly Item<T>[], bytes: number) => {
        happened({ type: "accepted" });
        await settlement.accepted(taken, bytes);
      },
      rejected: async ({ key }: Item<T>, reason: string) => {
        happened({ type: "rejected" });
        await settlement.rejected([{ key, body: bodies.get(key), reason }]);
      },
    };
    const bulk = withinBulk(items, track.bulk);
    const delivery = await deliver(bulk, track.encoding, intake, report, limit, state);
    return { delivery, records: bulk.length };
  };

  return async (options, stop) => {
    // A lease costs two writes to the SD card.
    const { count } = await storage.size(queue);
    if (count === 0) return emptyReport(track.name);
    return withLease(deps, lease, { patience: options.patience, signal: stop }, async (keep) => {
      const report = emptyReport(track.name);
      const own = track.name === "metrics" ? (deps.selfMetrics?.queued(count) ?? []) : [];
      const settlement = createSettlement(deps, track, lease, report, { own, progress: options.progress });
      const intake = keeping(deps.intake, keep);
      const end = clock.monotonic() + options.seconds;
      const cut = options.letFinish ? Number.POSITIVE_INFINITY : options.seconds;
      const limit = deadline(clock, cut, stop, GRACE);
      const aim = Math.min(AIM, AIM_SHARE * options.seconds);
      let attempts = options.attempts;
      try {
        if (deps.trust?.agreed() !== false)
          report.expired = await storage.expire(queue, clock.now() - track.ttl);
        while (!stop.aborted && !limit.signal.aborted) {
          await keep();
          const { longestPause } = options;
          const step = nextStep(state, { now: clock.monotonic(), end, attempts, longestPause });
          if (step.do === "end") break;
          if (step.do === "rest") {
            await clock.sleep(step.seconds, stop);
            continue;
          }
          const before = { delivered: report.delivered, at: clock.monotonic() };
          const sent = await sendBatch(step.records, settlement, intake, limit.signal);
          if (sent === undefined) break;
          const { delivery, records } = sent;
          if (delivery.outcome === "accepted") {
            const seconds = clock.monotonic() - before.at;
            // Nothing may have been sent at all: every record was unreadable, or too large.
            if (report.delivered > before.delivered)
              happened({ type: "all accepted", records, seconds, aim });
            continue;
          }
          if (stop.aborted) break;
          const backoff = backoffSeconds(state.failures + 1, deps.random);
          happened({ type: "failed", delivery, now: clock.monotonic(), backoff });
          attempts--;
          await settlement.failed(delivery);
          if (delivery.outcome === "hold") break;
        }
        await settlement.finish();
        report.remaining = (await storage.size(queue)).count;
        report.failure = report.remaining > 0 ? state.failure : undefined;
        return report;
      } finally {
        limit.clear();
      }
    });
  };
}

/** The intake, with the lease kept before each request. */
function keeping(intake: Intake, keep: () => Promise<void>): Intake {
  return {
    ...intake,
    post: async (...request) => {
      await keep();
      return intake.post(...request);
    },
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
