import type { Delivery, Intake } from "../datadog/delivery.ts";
import type { Clock } from "../schedule/clock.ts";
import type { ClockTrust } from "../schedule/device-clock.ts";
import type { Storage } from "../storage/storage.ts";
import type { BacklogPace } from "./backlog-pace.ts";
import type { RejectedCount } from "./rejected.ts";
import type { SelfMetrics } from "./self-metrics.ts";
import type { TrackName } from "./track.ts";

/** The outcome of a delivery pass. */
export type SendReport = {
  track: TrackName;
  /** Points, logs, events or checks that the intake took. */
  delivered: number;
  /** On the wire, compressed. */
  bytes: number;
  expired: number;
  /** Records that the intake would throw away without a word. */
  tooOld: number;
  /** Records that cannot be read. */
  malformed: RejectedCount;
  /** Readable records that can never be sent: too large, or refused by the intake. */
  rejected: RejectedCount;
  /** Points, logs, events or checks that stay in the queue. */
  remaining: number;
  /** Why the intake did not take the rest. */
  failure: Delivery | undefined;
};

/** Returns the report of a release that has not done anything yet. */
export function emptyReport(track: SendReport["track"]): SendReport {
  return {
    track,
    delivered: 0,
    bytes: 0,
    expired: 0,
    tooOld: 0,
    malformed: { count: 0, first: undefined },
    rejected: { count: 0, first: undefined },
    remaining: 0,
    failure: undefined,
  };
}

export type SendDeps = {
  storage: Storage;
  intake: Intake;
  clock: Clock;
  /** This process, for the lease. */
  owner: string;
  random: () => number;
  /** Seconds between two releases. */
  releaseInterval: number;
  /** The pace of what waited; undefined: as fast as it goes. */
  backlogPace?: BacklogPace | undefined;
  /** What is known about the clock; undefined: it is right. */
  trust?: ClockTrust | undefined;
  /** Undefined when Chouette does not measure itself. */
  selfMetrics: SelfMetrics | undefined;
};
