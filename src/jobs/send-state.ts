import type { Delivery } from "../datadog/delivery.ts";

/** What a sender remembers from one batch to the next, and from one release to the next. */
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

/** What happened to a batch. `failed` comes with the seconds to wait that the backoff asks for. */
export type SendEvent =
  | { type: "accepted" | "rejected" | "all accepted" }
  | { type: "failed"; delivery: Delivery; now: number; backoff: number };

/** What to do next in a release. */
export type SendStep = { do: "end" } | { do: "rest"; seconds: number } | { do: "send"; records: number };

/** Limits of a release: monotonic seconds, and failures that are left to it. */
export type ReleaseLimits = { now: number; end: number; attempts: number; longestPause: number };

/**
 * Records in the first payload after a failure, and how much larger each one may be after a payload that was taken: one that is
 * refused or not heard should cost few bytes on the air, and a slow network gets as much as it carries.
 */
const PROBE = 10;
const GROWTH = 4;

/** Seconds after which a rest looks at the lease again. */
const LONGEST_REST = 30;

export function initialState(bulk: number): SendState {
  return { size: bulk, failures: 0, notBefore: 0, failure: undefined, trusted: false };
}

/** Returns what a release with these limits does next. */
export function nextStep({ size, notBefore }: SendState, limits: ReleaseLimits): SendStep {
  const pause = notBefore - limits.now;
  if (limits.attempts <= 0 || notBefore >= limits.end || pause > limits.longestPause) return { do: "end" };
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
      return { ...state, failures: 0, failure: undefined, size: Math.min(bulk, state.size * GROWTH) };
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

/** An intake that refuses each record is asked with all of them: one that it takes, wherever it lies, tells which are bad. */
function refusedAlone({ status }: Delivery): boolean {
  return status === 400 || status === 413;
}
