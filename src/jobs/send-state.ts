import type { Delivery } from "../datadog/delivery.ts";

/** State that a sender keeps between batches and between deliveries. */
export type SendState = {
  /** Records of the next batch. */
  size: number;
  /** Deliveries that failed in a row. */
  failures: number;
  /** Monotonic second before which nothing is sent. */
  notBefore: number;
  /** The last delivery, when it failed. */
  failure: Delivery | undefined;
  /** The intake has taken something since a record was last rejected or a delivery failed. */
  trusted: boolean;
};

/**
 * What happened to a batch. `all accepted` comes with the records, the seconds that they took and those that they should have
 * taken at most; `failed` with the seconds to wait that the backoff asks for.
 */
export type SendEvent =
  | { type: "accepted" | "rejected" }
  | { type: "all accepted"; records: number; seconds: number; aim: number }
  | { type: "failed"; delivery: Delivery; now: number; backoff: number };

/** The next step of a delivery. */
export type SendStep = { do: "end" } | { do: "rest"; seconds: number } | { do: "send"; records: number };

/** Limits of a release: monotonic seconds, and failures that are left to it. */
export type ReleaseLimits = { now: number; end: number; attempts: number; longestPause: number };

/**
 * Records of the first batch after the start, when nothing is known about the network, and after a failure: a request that is
 * refused or not answered should cost few bytes on the air.
 */
const FIRST = 1000;
const PROBE = 10;

/** Factor by which a batch may be larger or smaller than the previous one. */
const GROWTH = 4;

/** Seconds after which a rest looks at the lease again. */
const LONGEST_REST = 30;

export function initialState(bulk: number): SendState {
  return { size: Math.min(FIRST, bulk), failures: 0, notBefore: 0, failure: undefined, trusted: false };
}

/** Returns what a release with these limits does next. */
export function nextStep({ size, notBefore }: SendState, limits: ReleaseLimits): SendStep {
  const pause = notBefore - limits.now;
  const over = limits.now >= limits.end || notBefore >= limits.end;
  if (over || limits.attempts <= 0 || pause > limits.longestPause) return { do: "end" };
  return pause > 0 ? { do: "rest", seconds: Math.min(pause, LONGEST_REST) } : { do: "send", records: size };
}

/** Returns the state after an event; `bulk` is the largest batch. */
export function afterEvent(state: SendState, event: SendEvent, bulk: number): SendState {
  switch (event.type) {
    case "accepted":
      return { ...state, trusted: true };
    case "rejected":
      return { ...state, trusted: false };
    case "all accepted":
      return { ...state, failures: 0, failure: undefined, size: Math.min(bulk, nextSize(state.size, event)) };
    case "failed":
      return {
        size: refusedAlone(event.delivery) ? bulk : PROBE,
        failures: state.failures + 1,
        notBefore: event.now + Math.max(event.backoff, event.delivery.retryAfter ?? 0),
        failure: event.delivery,
        trusted: false,
      };
  }
}

/**
 * Returns the records that the network carries in the seconds that a batch should take, as measured with the last one. A small
 * batch, whose time is mostly latency, does not make the next one smaller.
 */
function nextSize(
  size: number,
  { records, seconds, aim }: { records: number; seconds: number; aim: number },
) {
  if (seconds > aim) return Math.max(PROBE, Math.floor(records * Math.max(1 / GROWTH, aim / seconds)));
  return Math.max(size, Math.floor(Math.min(size * GROWTH, (records * aim) / Math.max(seconds, 0.001))));
}

/** An intake that refuses each record is asked with all of them: one that it takes, wherever it lies, tells which are bad. */
function refusedAlone({ status }: Delivery): boolean {
  return status === 400 || status === 413;
}
