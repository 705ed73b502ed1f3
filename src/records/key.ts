/**
 * A fresh key for a record: a UUID whose first 48 bits are the time in milliseconds, version 7 (RFC 9562 §5.7). Keys that grow
 * with time let SQLite's index grow at its end, which writes a fraction of the pages that random keys do.
 */
export function recordKey(nowSeconds: number): string {
  const time = Math.max(0, Math.floor(nowSeconds * 1000))
    .toString(16)
    .padStart(12, "0")
    .slice(-12);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${crypto.randomUUID().slice(15)}`;
}

/**
 * Returns a source of such keys that sort as they are made, also within a millisecond and when the clock is set back: the 12 bits
 * behind the version count (RFC 9562 §6.2, method 1). Records of one second keep their order by them.
 */
export function orderedKeys(now: () => number): () => string {
  let last = 0;
  let counter = 0;
  return () => {
    const time = Math.floor(now() * 1000);
    if (time > last) {
      last = time;
      counter = 0;
    } else if (++counter > 0xfff) {
      last++;
      counter = 0;
    }
    const key = recordKey(last / 1000 + 0.0005);
    return `${key.slice(0, 15)}${counter.toString(16).padStart(3, "0")}${key.slice(18)}`;
  };
}
