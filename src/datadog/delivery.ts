/** What one POST to the intake came to. The table from status to outcome is `classify`. */
export type Outcome =
  /** 2xx: the records may be removed. */
  | "accepted"
  /** 413: the same records in two halves. */
  | "halve"
  /** 400: one of the records is bad; find it by halves. */
  | "bisect"
  /** 401, 403, 404, a redirect, …: nobody but the owner can mend it; everything is kept. */
  | "hold"
  /** 408, 429, 5xx, the network: the same again later. */
  | "retry";

export type Delivery = {
  outcome: Outcome;
  /** 0 when there was no answer. */
  status: number;
  /** For people: what happened and what to do; never holds the API key. Empty when accepted. */
  error: string;
  /** Seconds that the intake asked to wait. */
  retryAfter?: number;
};

/** Sends one compressed payload. Never rejects: whatever happens is a Delivery. */
export type Intake = {
  post(track: "series" | "logs", payload: Uint8Array, signal: AbortSignal): Promise<Delivery>;
  close(): Promise<void>;
};
