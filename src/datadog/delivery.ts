/** The outcome of one POST to the intake. The table from status to outcome is `classify`. */
export type Outcome =
  /** 200 or 202: the records may be removed. */
  | "accepted"
  /** 413: send the same records in two halves. */
  | "halve"
  /** 400: one of the records is bad; find it by halving. */
  | "bisect"
  /** 401, 403, 404, a redirect, another 2xx, …: only the owner can fix it; everything is kept. */
  | "hold"
  /** 408, 429, 5xx, no answer: send the same again later. */
  | "retry";

export type Delivery = {
  outcome: Outcome;
  /** 0 when there was no answer. */
  status: number;
  /** For people: what happened and what to do; never holds the API key. Empty when accepted. */
  error: string;
  /** Seconds that the intake asked to wait; with `retry` only, at most an hour. */
  retryAfter?: number;
  /** The request was on its way when its answer was given up: a smaller one may get through. Absent when nothing was sent. */
  unanswered?: true;
};

/** What the intake takes, each at an address and in a form of its own. */
export type IntakeTrack = "series" | "logs" | "distributions" | "sketches" | "events" | "checks";

/**
 * What the site of the metrics intake says about the API key: that, nothing about it ("unknown": a server that is not Datadog's), or
 * nothing at all ("silent"). `error` says why, and what to do.
 */
export type KeyAnswer = { answer: "accepted" } | { answer: "refused" | "unknown" | "silent"; error: string };

/** Sends one compressed payload. Never rejects: whatever happens is a Delivery. */
export type Intake = {
  /** Calls `progress` now and then while bytes go through. */
  post(
    track: IntakeTrack,
    payload: Uint8Array,
    signal: AbortSignal,
    progress?: () => void,
  ): Promise<Delivery>;
  close(): Promise<void>;
};

/**
 * What a status of the intake means for the payload; 0 stands for no answer. The words in quotes are from
 * https://docs.datadoghq.com/api/latest/logs/send-logs/ and …/metrics/#submit-metrics.
 */
export function classify(status: number): Outcome {
  return TABLE.find(([first, last]) => status >= first && status <= last)?.[2] ?? "retry";
}

/** The first row that fits counts. */
const TABLE: readonly (readonly [first: number, last: number, outcome: Outcome])[] = [
  // "202: Accepted: the request has been accepted for processing"; v1 logs answer "200: OK".
  [200, 200, "accepted"],
  [202, 202, "accepted"],
  // Not documented: 203 comes from a proxy that has changed the answer, 204 from portals that check for internet access.
  [200, 299, "hold"],
  // Not documented. Never followed: the API key would go to any address that the answer names.
  [300, 399, "hold"],
  // "400: Bad request (likely an issue in the payload formatting)"
  [400, 400, "bisect"],
  // "401: Unauthorized (likely a missing API Key)". Datadog's agent drops the payload here; it can be sent once the key is right.
  [401, 401, "hold"],
  // "403: Permission issue (likely using an invalid API Key)"
  [403, 403, "hold"],
  // Not documented. Datadog's agent keeps the payload as well ("region/proxy without the route"), but knocks all the time.
  [404, 404, "hold"],
  // "408: Request Timeout, request should be retried after some time"
  [408, 408, "retry"],
  // "413: Payload too large (batch is above 5MB uncompressed)"
  [413, 413, "halve"],
  // "429: Too Many Requests, request should be retried after some time"
  [429, 429, "retry"],
  // 407 of a proxy, 451 of a firewall, …: none is documented, and the same request would get the same answer.
  [400, 499, "hold"],
  // "5xx: Internal error, request should be retried after some time"; 0 and anything that is not an HTTP status end here too.
];

export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * Seconds that an answer asks to wait, whatever the case of its header names: `Retry-After` (seconds or an HTTP date,
 * RFC 9110 §10.2.3), else `X-RateLimit-Reset` (seconds, https://docs.datadoghq.com/api/latest/rate-limits/).
 * A date is measured from the answer's own `Date`, since a device without a clock battery may be years off, and from
 * `now` (Unix seconds) where there is none. Undefined when nothing readable is asked; never more than an hour, because
 * nothing an intake can ask for is worth losing what expires meanwhile.
 */
export function retryAfter(headers: Headers, now: number): number | undefined {
  const asked = header(headers, "retry-after");
  const date = asked === undefined ? undefined : httpDate(asked);
  const seconds =
    date === undefined
      ? (wholeSeconds(asked) ?? wholeSeconds(header(headers, "x-ratelimit-reset")))
      : date - (answeredAt(headers) ?? now);
  return seconds === undefined ? undefined : Math.min(Math.max(0, Math.ceil(seconds)), LONGEST_WAIT);
}

const LONGEST_WAIT = 3600;

function header(headers: Headers, name: string): string | undefined {
  const value = Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
  return typeof value === "string" ? value : value?.[0];
}

function wholeSeconds(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*\d+\s*$/.test(text) ? Number(text) : undefined;
}

/** Unix seconds of an answer's own `Date`; undefined where it has none that can be read. */
export function answeredAt(headers: Headers): number | undefined {
  return httpDate(header(headers, "date") ?? "");
}

/** `Sun, 06 Nov 1994 08:49:37 GMT` to Unix seconds. Date.parse alone would also take "120" for a year. */
function httpDate(text: string): number | undefined {
  const at = /^\s*[A-Za-z]{3,9},? /.test(text) ? Date.parse(text) / 1000 : Number.NaN;
  return Number.isFinite(at) ? at : undefined;
}
