import type { PeekOptions, QueueName, StoredRecord } from "../storage.ts";
import { queueNumber } from "./schema.ts";
import type { Statements } from "./statements.ts";
import { readBody } from "./stored-body.ts";

/** Returns the records of a queue that `Storage.peek` promises. */
export function peek(c: Statements, queue: QueueName, options: PeekOptions): StoredRecord[] {
  const { limit, maxBytes, maxBody, from = -Infinity, before = Infinity } = options;
  const after = options.after ?? { at: -Infinity, key: "" };
  const first = Math.max(from, after.at);
  const rows = options.newestFirst
    ? c.peekNewest.iterate(maxBody, queueNumber(queue), from, before, limit)
    : c.peek.iterate(maxBody, queueNumber(queue), first, before, after.at, after.key, limit);
  const records: StoredRecord[] = [];
  let total = 0;
  for (const row of rows) {
    const { key, at, weight, bytes, sum, body } = row as Row;
    if (body !== null) total += bytes;
    if (total > maxBytes && records.length > 0) break;
    const text = body === null ? undefined : readBody({ sum, body });
    const damaged = body !== null && text === undefined;
    records.push({
      key,
      at,
      body: text,
      bytes,
      ...(weight !== 1 && { weight }),
      ...(damaged && { damaged }),
    });
  }
  return records;
}

type Row = {
  key: string;
  at: number;
  weight: number;
  bytes: number;
  sum: number;
  body: string | Uint8Array | null;
};
