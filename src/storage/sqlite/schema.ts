import { QUEUES, type QueueName } from "../storage.ts";

/**
 * Writes few bytes per commit, because SD cards wear out: records are stored in the order of the queue, so that new ones go to
 * the end and sent ones free whole pages, and the only index is the one by key. A queue is a number (see `queueNumber`).
 * [measured] a rowid table with two indexes writes 10 to 50 % more and takes 15 % more CPU; in both, keys that grow with
 * time (UUIDv7) make a commit write a ninth of what random ones (UUIDv4) do.
 *
 * `bytes` is the length of the text, `body` the text or, as a blob, the text deflated; `sum` is its checksum (see stored-body.ts).
 * `weight` is in the primary key because the index then has it too, and a queue can be weighed without reading its bodies.
 */
export const SCHEMA = `
CREATE TABLE IF NOT EXISTS stored (
  queue INTEGER NOT NULL,
  at REAL NOT NULL,
  key TEXT NOT NULL,
  weight INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  sum INTEGER NOT NULL,
  body ANY NOT NULL,
  PRIMARY KEY (queue, at, key, weight)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS stored_key ON stored (queue, key);
CREATE TABLE IF NOT EXISTS stamp (second INTEGER PRIMARY KEY) STRICT;
CREATE TABLE IF NOT EXISTS note (name TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS lease (
  name TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  seconds REAL NOT NULL,
  until REAL NOT NULL
) STRICT, WITHOUT ROWID;
`;

/** These numbers are stored in databases: QUEUES may only grow at its end. */
const NUMBERS: ReadonlyMap<QueueName, number> = new Map<QueueName, number>([
  ...QUEUES.flatMap((queue, i): [QueueName, number][] => [
    [queue, i],
    [`${queue}:rejected`, 100 + i],
  ]),
  ["chouette:spool", 200],
  ["chouette:closings", 201],
]);

/** Returns 0, 1, 2, … for the queues in the order of QUEUES, 100 more for their rejected ones, and 200 for the redo log of a spool. */
export function queueNumber(queue: QueueName): number {
  return NUMBERS.get(queue) ?? -1;
}
