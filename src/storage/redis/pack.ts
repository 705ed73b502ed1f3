import { isAscii } from "node:buffer";
import type { StoredRecord } from "../storage.ts";
import { keyText } from "./key.ts";

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

/** Bytes of the index of PEEK for each record. */
const ENTRY = 20;

/** What the script PEEK returns: pairs of an index and of keys and values. */
export function unpackRecords(reply: readonly Buffer[]): StoredRecord[] {
  const records: StoredRecord[] = [];
  for (let i = 0; i < reply.length; i += 2) unpackInto(records, reply[i], reply[i + 1]);
  return records;
}

function unpackInto(records: StoredRecord[], index?: Buffer, parts?: Buffer): void {
  if (index === undefined || parts === undefined) return;
  // Slices of one text cost nothing; where bytes are not characters each part is decoded by itself.
  const text = isAscii(parts) ? parts.toString("latin1") : undefined;
  let from = 0;
  for (let entry = 0; entry < index.length; entry += ENTRY) {
    const bodyLength = index.readInt32LE(entry + 16);
    const middle = from + index.readUInt32LE(entry);
    const to = middle + Math.max(0, bodyLength);
    records.push({
      key: text?.slice(from, middle) ?? keyText(parts.subarray(from, middle)),
      at: index.readDoubleLE(entry + 4),
      body: bodyLength < 0 ? undefined : (text?.slice(middle, to) ?? parts.toString("utf8", middle, to)),
      bytes: index.readUInt32LE(entry + 12),
    });
    from = to;
  }
}

/** A score as Redis prints it. */
export function scoreNumber(text: string): number {
  return text === "inf" ? Infinity : text === "-inf" ? -Infinity : Number(text);
}
