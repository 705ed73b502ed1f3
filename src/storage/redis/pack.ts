/**
 * Many texts as one argument of a script: before each its length in bytes (u32, little-endian). Redis' protocol and ioredis
 * handle each argument by itself, which for a batch of 10,000 records takes longer than all the rest.
 */
export function pack(texts: readonly (string | Buffer)[]): Buffer {
  const lengths = texts.map((text) => Buffer.byteLength(text));
  const packed = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + 4 + length, 0));
  let at = 0;
  for (const [i, text] of texts.entries()) {
    at = packed.writeUInt32LE(lengths[i] ?? 0, at);
    at += typeof text === "string" ? packed.write(text, at) : text.copy(packed, at);
  }
  return packed;
}
