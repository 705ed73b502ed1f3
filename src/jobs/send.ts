import { deliver } from "../datadog/deliver.ts";
import type { Delivery, Intake } from "../datadog/delivery.ts";
import type { Item } from "../datadog/encoding.ts";
import { MAX_RECORD_BYTES, unreadable as whyUnreadable } from "../records/unreadable.ts";
import { backoffSeconds } from "../schedule/backoff.ts";
import { deadline } from "../schedule/deadline.ts";
import { withLease } from "./lease.ts";
import { readParts } from "./record-parts.ts";
import { type Lane, LIVE_INTERVALS, lanesOf } from "./send-lanes.ts";
import { emptyReport, type SendDeps, type SendReport } from "./send-report.ts";
import { afterEvent, failuresWith, initialState, nextStep, type SendEvent } from "./send-state.ts";
import { createSettlement, type Settlement } from "./settlement.ts";
import type { Track } from "./track.ts";

/** Bytes of records read at a time, and of one record that is read at all. */
const BYTES = { maxBytes: 8_000_000, maxBody: MAX_RECORD_BYTES } as const;

/** Seconds that a pending request may still take once the agent is stopping. */
const GRACE = 5;

/**
 * Seconds between two looks for what is too old while nothing is delivered: each is a write to the card of a device that is offline.
 */
const EXPIRE_EVERY = 1800;

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

/**
 * Releases one queue: batch after batch, what is live first and then the backlog, the newest first, until it is empty, the time is
 * over or the intake stops taking it.
 */
export type Send = (options: SendOptions, stop: AbortSignal) => Promise<SendReport>;

/**
 * Creates the sender of a track. It remembers from one release to the next what the network carries, and failures: it waits
 * longer after each, and sends few records first after one that cost bytes.
 */
export function createSend<T>(deps: SendDeps, track: Track<T>): Send {
  const { storage, clock } = deps;
  const { queue } = track;
  const lease = { name: queue, owner: deps.owner };
  let state = initialState(track.bulk);
  let expiredAt = Number.NEGATIVE_INFINITY;
  /** Items in a record, as the last batch had them. */
  let perRecord = 1;
  const happened = (event: SendEvent) => {
    state = afterEvent(state, event, track.bulk);
  };

  /** Sends one batch of at most so many items; undefined when the lane is empty. */
  const sendBatch = async (
    most: number,
    { range }: Lane,
    settlement: Settlement<T>,
    intake: Intake,
    until: AbortSignal,
  ): Promise<{ delivery: Delivery; records: number } | undefined> => {
    const limit = Math.ceil(most / perRecord);
    const batch = await storage.peek(queue, { ...BYTES, ...range, limit, newestFirst: true });
    if (batch.length === 0) return undefined;
    const parts = readParts(batch, track, whyUnreadable);
    await settlement.malformed(parts.unreadable);
    perRecord = Math.max(1, parts.items.length / batch.length);
    const report = {
      accepted: async (taken: readonly Item<T>[], bytes: number) => {
        happened({ type: "accepted" });
        await settlement.accepted(taken, bytes, parts);
      },
      rejected: async (item: Item<T>, reason: string) => {
        happened({ type: "rejected" });
        await settlement.rejected(item, reason, parts);
      },
    };
    // Within a request in the order of time: of two points of one second that the Python agent left the later counts.
    const bulk = withinBulk(parts.items.slice(0, most), track.bulk).reverse();
    const delivery = await deliver(bulk, track.encoding, intake, report, until, state);
    return { delivery, records: bulk.length };
  };

  /** Drops what is too old to be sent. */
  const expire = async (report: SendReport): Promise<void> => {
    if (deps.trust?.agreed() === false) return;
    expiredAt = clock.monotonic();
    report.expired += await storage.expire(queue, clock.now() - track.ttl, "expired");
    if (track.taken !== undefined)
      report.tooOld += await storage.expire(queue, clock.now() - track.taken, "too_old");
  };

  return async (options, stop) => {
    // A lease costs two writes to the SD card.
    const { count, oldest } = await storage.size(queue);
    if (count === 0) return emptyReport(track.name);
    const weight = await storage.weight(queue);
    return withLease(deps, lease, { patience: options.patience, signal: stop }, async (keep) => {
      const report = emptyReport(track.name);
      const own = track.name === "metrics" ? (deps.selfMetrics?.queued(weight) ?? []) : [];
      const settlement = createSettlement(deps, track, lease, report, { own, progress: options.progress });
      const intake = keeping(deps.intake, keep, () => options.progress?.(report));
      let lanes = lanesOf(clock.now(), deps, oldest);
      let lane = lanes.shift();
      const refill = async () => {
        if ((await track.refill?.()) !== true) return;
        lanes = lanesOf(clock.now(), deps, (await storage.size(queue)).oldest);
      };
      const end = clock.monotonic() + options.seconds;
      const cut = options.letFinish ? Number.POSITIVE_INFINITY : options.seconds;
      const limit = deadline(clock, cut, stop, GRACE);
      const aim = Math.min(AIM, AIM_SHARE * options.seconds);
      let attempts = options.attempts;
      try {
        const lately = clock.monotonic() - expiredAt < EXPIRE_EVERY;
        const isLive = track.ttl <= LIVE_INTERVALS * deps.releaseInterval;
        if (state.failures === 0 || !lately || isLive) await expire(report);
        while (lane !== undefined && !stop.aborted && !limit.signal.aborted) {
          await keep();
          const { longestPause } = options;
          const notBefore = Math.max(state.notBefore, lane.pace?.notBefore() ?? 0);
          const limits = { now: clock.monotonic(), end, attempts, longestPause };
          const step = nextStep({ ...state, notBefore }, limits);
          if (step.do === "end") break;
          if (step.do === "rest") {
            await clock.sleep(step.seconds, stop);
            continue;
          }
          const before = { delivered: report.delivered, bytes: report.bytes, at: clock.monotonic() };
          const sent = await sendBatch(step.records, lane, settlement, intake, limit.signal);
          if (sent === undefined) {
            if (lanes.length === 0) await refill();
            lane = lanes.shift();
            // What is live is not too old; what comes now may be.
            if (lane !== undefined && clock.monotonic() > expiredAt) await expire(report);
            continue;
          }
          const { delivery, records } = sent;
          const now = clock.monotonic();
          const paced = lane.pace?.sent(report.bytes - before.bytes, now) ?? 0;
          if (delivery.outcome === "accepted") {
            const seconds = Math.max(now - before.at, paced);
            // Nothing may have been sent at all: every record was unreadable, or too large.
            if (report.delivered > before.delivered)
              happened({ type: "all accepted", records, seconds, aim });
            continue;
          }
          if (stop.aborted) break;
          const backoff = backoffSeconds(failuresWith(state, delivery), deps.random);
          happened({ type: "failed", delivery, records, now, backoff });
          attempts--;
          await settlement.failed(delivery);
          if (delivery.outcome === "hold") break;
        }
        await settlement.finish();
        report.remaining = await storage.weight(queue);
        report.failure = report.remaining > 0 ? state.failure : undefined;
        return report;
      } finally {
        limit.clear();
      }
    });
  };
}

/** The intake, with the lease kept before each request and while it makes progress. */
function keeping(intake: Intake, keep: () => Promise<void>, progress: () => void): Intake {
  return {
    ...intake,
    post: async (track, payload, signal) => {
      await keep();
      return intake.post(track, payload, signal, () => {
        progress();
        // A lease that is lost is noticed by the commit of the answer.
        keep().catch(() => {});
      });
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
