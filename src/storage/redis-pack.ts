import { isAscii } from "node:buffer";
import { keyBytes, keyText } from "./redis-key.ts";
import type { StoredRecord } from "./storage.ts";

/**
 * Records to and from the scripts in two texts: the lengths of their parts, and all parts one after the other. Redis'
 * protocol and ioredis handle each text by itself, which for a batch of 10,000 records takes longer than all the rest.
 */
export type Packed = [lengths: string, parts: string | Buffer];

/** Keys or other texts as two arguments of a script. */
export function pack(texts: readonly string[]): Packed {
  const parts = texts.map(keyBytes);
  if (parts.some((part) => typeof part !== "string")) {
    const buffers = parts.map((part) => Buffer.from(part as string));
    return [buffers.map(({ length }) => length).join(" "), Buffer.concat(buffers)];
  }
  const joined = parts.join("");
  const short = Buffer.byteLength(joined) === joined.length;
  return [parts.map((part) => (short ? part.length : Buffer.byteLength(part))).join(" "), joined];
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
