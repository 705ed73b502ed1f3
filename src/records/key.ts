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
 * behind the version count (RFC 9562 §6.2, method 1). Records of one second keep their order by them. What is random is made once:
 * time and count do not come again.
 */
export function orderedKeys(now: () => number): () => string {
  const random = crypto.randomUUID().slice(18);
  let last = 0;
  let prefix = "";
  let counter = 0;
  return () => {
    const time = Math.floor(now() * 1000);
    const before = last;
    if (time > last) last = time;
    else if (++counter > 0xfff) last++;
    if (last !== before) {
      counter = 0;
      prefix = recordKey(last / 1000 + 0.0005).slice(0, 15);
    }
    return `${prefix}${(counter + 0x1000).toString(16).slice(1)}${random}`;
  };
}
