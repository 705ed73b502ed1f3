import type { IntakeTrack } from "./delivery.ts";
import type { Limits } from "./payload.ts";

/** One record of a queue, or a series of a record that holds several. */
export type Item<T> = {
  key: string;
  value: T;
  /** Points in it; 1 where an item is one thing, such as a log. */
  weight: number;
};

/** Encodes values as the body of one request. */
export type Encoding<T> = {
  track: IntakeTrack;
  limits: Limits;
  /** Returns the JSON text, or bytes for a track that takes no JSON. Throws when one of the values can never be sent; the message says why. */
  encode(values: readonly T[]): string | Uint8Array;
};
