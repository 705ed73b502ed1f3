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
