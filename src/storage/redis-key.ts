/**
 * Record keys between Redis, where they are bytes, and JavaScript. Keys are UUIDs, but a stranger may write anything, and
 * a key that cannot be named again could never be removed. One that is not UTF-8 becomes U+D800, which no UTF-8 text
 * gives, followed by a character per byte.
 */
export function keyText(bytes: Buffer): string {
  const text = bytes.toString("utf8");
  return text.includes("\ufffd") && !Buffer.from(text).equals(bytes)
    ? `\ud800${bytes.toString("latin1")}`
    : text;
}

/** The bytes of a key that `keyText` gave, as ioredis takes them. */
export function keyBytes(key: string): string | Buffer {
  return key.startsWith("\ud800") ? Buffer.from(key.slice(1), "latin1") : key;
}
