import { isAscii } from "node:buffer";
import type { StoredRecord } from "../storage.ts";
import { keyText } from "./key.ts";
import { scoreNumber } from "./score.ts";

/** Reads what the script PEEK returns: four texts for each portion of the records. */
export function unpackRecords(reply: readonly Buffer[]): StoredRecord[] {
  const records: StoredRecord[] = [];
  for (let i = 0; i < reply.length; i += 4) unpackPortion(records, reply.slice(i, i + 4));
  return records;
}

const NOTHING = Buffer.alloc(0);

/** `lengths` has those of all keys, then those of all values. Throws where one of the texts is missing or too short. */
function unpackPortion(records: StoredRecord[], portion: readonly Buffer[]): void {
  const [lengths = NOTHING, scores = NOTHING, keys = NOTHING, bodies = NOTHING] = portion;
  const keyAt = textSlicer(keys, keyText);
  const bodyAt = textSlicer(bodies, (bytes) => bytes.toString("utf8"));
  const times = scores.toString("latin1").split(" ");
  let key = 0;
  let body = 0;
  for (const [i, time] of times.entries()) {
    const keyEnd = key + lengths.readInt32LE(4 * i);
    const length = lengths.readInt32LE(4 * (times.length + i));
    const bodyEnd = body + Math.max(0, length);
    records.push({
      key: keyAt(key, keyEnd),
      at: scoreNumber(time),
      body: length < 0 ? undefined : bodyAt(body, bodyEnd),
      bytes: length < 0 ? -1 - length : length,
    });
    key = keyEnd;
    body = bodyEnd;
  }
}

/** Slices of one text cost nothing; where bytes are not characters each slice is decoded by itself. */
function textSlicer(bytes: Buffer, decode: (bytes: Buffer) => string): (from: number, to: number) => string {
  if (!isAscii(bytes)) return (from, to) => decode(bytes.subarray(from, to));
  const text = bytes.toString("latin1");
  return (from, to) => text.slice(from, to);
}
