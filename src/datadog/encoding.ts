import type { Limits } from "./payload.ts";

/** One record of a queue. */
export type Item<T> = {
  key: string;
  value: T;
  /** Points in it; 1 for a log. */
  weight: number;
};

/** Encodes values as the body of one request. */
export type Encoding<T> = {
  track: "series" | "logs";
  limits: Limits;
  /** Returns the JSON text. Throws when one of the values can never be sent; the message says why. */
  encode(values: readonly T[]): string;
};
