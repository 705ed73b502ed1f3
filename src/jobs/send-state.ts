import type { Delivery } from "../datadog/delivery.ts";

/** State that a sender keeps between batches and between deliveries. */
export type SendState = {
  /** Records, or series of records that hold several, that the network carries in the time that a batch should take, as far as is known. */
  size: number;
  /** The intake has refused the last batch: the next one has few records. */
  probing: boolean;
  /** Records of the largest batch that was accepted since one was not answered. */
  proven: number;
  /**
   * A batch of so many records was not answered. None is as large until enough smaller ones were accepted, many more after each
   * strike: that size was tried again, and not answered again.
   */
  ceiling: { records: number; accepted: number; strikes: number } | undefined;
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
 * taken at most; `failed` with the records and the seconds to wait that the backoff asks for.
 */
export type SendEvent =
  | { type: "accepted" | "rejected" }
  | { type: "all accepted"; records: number; seconds: number; aim: number }
  | { type: "failed"; delivery: Delivery; records: number; now: number; backoff: number };

/** The next step of a delivery. */
export type SendStep = { do: "end" } | { do: "rest"; seconds: number } | { do: "send"; records: number };

/** Limits of a release: monotonic seconds, and failures that are left to it. */
export type ReleaseLimits = { now: number; end: number; attempts: number; longestPause: number };

/**
 * Records of the first batch after the start, when nothing is known about the network, and of one that may not get through: a
 * request that is refused or not answered should cost few bytes on the air.
 */
const FIRST = 1000;
const PROBE = 10;

/** Factor by which a batch may be larger or smaller than the previous one. */
const GROWTH = 4;

/** Batches accepted before a size that was not answered is tried again, how many times as many after a strike, and the most strikes. */
const PATIENCE = 8;
const STRIKE = 8;
const MOST_STRIKES = 3;

/** Ratio at which a size is close enough to one that was not answered. */
const CLOSE = 1.5;

/** Seconds after which a rest looks at the lease again. */
const LONGEST_REST = 30;

export function initialState(bulk: number): SendState {
  return {
    size: Math.min(FIRST, bulk),
    probing: false,
    proven: 0,
    ceiling: undefined,
    failures: 0,
    notBefore: 0,
    failure: undefined,
    trusted: false,
  };
}

/** Returns what a release with these limits does next. */
export function nextStep(
  { size, probing, notBefore }: Pick<SendState, "size" | "probing" | "notBefore">,
  limits: ReleaseLimits,
): SendStep {
  const pause = notBefore - limits.now;
  const over = limits.now >= limits.end || notBefore >= limits.end;
  if (over || limits.attempts <= 0 || pause > limits.longestPause) return { do: "end" };
  if (pause > 0) return { do: "rest", seconds: Math.min(pause, LONGEST_REST) };
  return { do: "send", records: probing ? Math.min(PROBE, size) : size };
}

/** Returns the failures in a row with this one. An intake that is reached for the first time after an outage begins a new row. */
export function failuresWith({ failure, failures }: SendState, delivery: Delivery): number {
  const isAway = ({ status, unanswered }: Delivery) => status === 0 && !unanswered;
  return failure !== undefined && isAway(failure) && !isAway(delivery) ? 1 : failures + 1;
}

/** Returns the state after an event; `bulk` is the largest batch. */
export function afterEvent(state: SendState, event: SendEvent, bulk: number): SendState {
  switch (event.type) {
    case "accepted":
      return { ...state, trusted: true };
    case "rejected":
      return { ...state, trusted: false };
    case "all accepted": {
      const ceiling = ceilingAfter(state, event, bulk);
      const proven = Math.max(state.proven, event.records);
      const size = Math.min(bulk, nextSize(state.size, event), upTo(ceiling, proven));
      return { ...state, failures: 0, failure: undefined, probing: false, proven, ceiling, size };
    }
    case "failed":
      return {
        ...state,
        ...afterFailure(state, event, bulk),
        failures: failuresWith(state, event.delivery),
        notBefore: event.now + Math.max(event.backoff, event.delivery.retryAfter ?? 0),
        failure: event.delivery,
        trusted: false,
      };
  }
}

type Accepted = Extract<SendEvent, { type: "all accepted" }>;
type Failed = Extract<SendEvent, { type: "failed" }>;

/**
 * Returns the records that the network carries in the seconds that a batch should take, as measured with the last one. A small
 * batch, whose time is mostly latency, does not make the next one smaller.
 */
function nextSize(size: number, { records, seconds, aim }: Accepted): number {
  if (seconds > aim) return Math.max(PROBE, Math.floor(records * Math.max(1 / GROWTH, aim / seconds)));
  return Math.max(size, Math.floor(Math.min(size * GROWTH, (records * aim) / Math.max(seconds, 0.001))));
}

/** Raises the ceiling a little once as large a batch gets through: much larger ones may still be the reason. */
function ceilingAfter({ ceiling }: SendState, { records }: Accepted, bulk: number): SendState["ceiling"] {
  if (ceiling === undefined) return undefined;
  if (records < ceiling.records) return { ...ceiling, accepted: ceiling.accepted + 1 };
  const raised = Math.ceil(CLOSE * records);
  return raised > bulk
    ? undefined
    : { records: raised, accepted: 0, strikes: Math.max(0, ceiling.strikes - 1) };
}

/** Halves the distance to the ceiling as a ratio: a path that drops large packets shows its limit after a few batches. */
function upTo(ceiling: SendState["ceiling"], proven: number): number {
  if (ceiling === undefined) return Number.POSITIVE_INFINITY;
  const { records, accepted, strikes } = ceiling;
  if (accepted >= PATIENCE * STRIKE ** strikes) return records;
  const isClose = records <= Math.ceil(CLOSE * proven);
  return Math.max(PROBE, isClose ? proven : Math.floor(Math.sqrt(proven * records)));
}

function strikesAfter({ ceiling }: SendState, { records }: Failed): number {
  if (ceiling === undefined) return 0;
  return Math.min(MOST_STRIKES, ceiling.strikes + (records >= ceiling.records ? 1 : 0));
}

/**
 * Where nothing was sent, nothing is known about sizes. An unanswered batch is followed by one as large as the last that got
 * through, and if that is not answered either, by a few records.
 */
function afterFailure(state: SendState, event: Failed, bulk: number): Partial<SendState> {
  const { size, proven, probing } = state;
  const { records } = event;
  const { status, unanswered } = event.delivery;
  // An intake that refuses each record is asked with all of them: one that it takes, wherever it lies, tells which are bad.
  if (status === 400 || status === 413) return { size: bulk, probing: false };
  if (unanswered) {
    // What is not answered to a few records has another reason than their size.
    const ceiling =
      records <= PROBE ? state.ceiling : { records, accepted: 0, strikes: strikesAfter(state, event) };
    return { size: proven > 0 && proven < records ? proven : Math.min(PROBE, size), proven: 0, ceiling };
  }
  return { probing: probing || status !== 0 };
}
