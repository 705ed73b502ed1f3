/** Bytes in RAM above which everything moves to the card, and above which the oldest go when the card fails. */
export const HOT_BYTES = { move: 8_000_000, most: 16_000_000 } as const;

/** Characters of records after which RAM is looked at. */
export const LOOK = 100_000;

/** Records moved in one step: one commit on the card. */
export const STEP = { limit: 2000, maxBytes: 4_000_000, maxBody: Number.POSITIVE_INFINITY } as const;
