/**
 * Converts record keys from the bytes of Redis to text. Keys are UUIDs, but another program may write anything, and a key that
 * cannot be converted back could never be removed. One that is not UTF-8 becomes U+D800 followed by a character per byte: half of a
 * surrogate pair, which UTF-8 text never has. (The other half, as in 𐊧 = U+D800 U+DEA7, is never a byte.)
 */
export function keyText(bytes: Buffer): string {
  const text = bytes.toString("utf8");
  return text.includes("\ufffd") && !Buffer.from(text).equals(bytes)
    ? `\ud800${bytes.toString("latin1")}`
    : text;
}

/** The bytes of a key that `keyText` gave, as ioredis takes them. */
export function keyBytes(key: string): string | Buffer {
  return /^\ud800(?![\udc00-\udfff])/.test(key) ? Buffer.from(key.slice(1), "latin1") : key;
}
