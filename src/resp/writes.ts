import { type NewRecord, SHARED_QUEUES } from "../storage/storage.ts";
import { error, integer, OK, type Reply, wrongNumber } from "./replies.ts";

export type SharedQueue = (typeof SHARED_QUEUES)[number];

/** One half of records: their keys with their places in the queue (`ZADD`), or their values (`HSET`). */
export type Write =
  | {
      half: "keys";
      queue: SharedQueue;
      entries: readonly (readonly [key: string, at: number])[];
      reply: Reply;
    }
  | {
      half: "values";
      queue: SharedQueue;
      entries: readonly (readonly [key: string, body: string])[];
      reply: Reply;
    };

/**
 * Parses `ZADD Q.keys score key …`, `HSET Q.values key value …` and `HMSET` with their arguments; returns the error of Redis for
 * one that is not right, or that is for another key than those of the queues.
 */
export function parseWrite(command: "ZADD" | "HSET" | "HMSET", args: readonly string[]): Write | Reply {
  const [name = "", ...rest] = args;
  if (rest.length < 2 || (rest.length % 2 === 1 && command !== "ZADD")) return wrongNumber(command);
  if (rest.length % 2 === 1) return error("ERR syntax error");
  const suffix = command === "ZADD" ? ".keys" : ".values";
  const queue = SHARED_QUEUES.find((shared) => `${shared}${suffix}` === name);
  if (queue === undefined) return error("NOPERM No permissions to access a key");
  const pairs = Array.from({ length: rest.length / 2 }, (_, index) => rest.slice(2 * index, 2 * index + 2));
  const reply = command === "HMSET" ? OK : integer(pairs.length);
  if (command !== "ZADD")
    return {
      half: "values",
      queue,
      reply,
      entries: pairs.map(([key = "", body = ""]) => [key, body] as const),
    };
  const entries = pairs.map(([score = "", key = ""]) => [key, readScore(score)] as const);
  return entries.some(([, at]) => Number.isNaN(at))
    ? error("ERR value is not a valid float")
    : { half: "keys", queue, reply, entries };
}

/** Brings the halves of records together, as a Redis would. */
export type Halves = {
  /** Takes writes in their order; returns the records that they complete. A value that has no key waits from `now` on. */
  join(writes: readonly Write[], now: number): { queue: SharedQueue; record: NewRecord }[];
};

/** Keys that wait for their values, of one connection: clients write both in one transaction. */
const MOST_WAITING = 1000;

export function createHalves(): Halves {
  const waiting = new Map<string, number>();
  return {
    join(writes, now) {
      for (const write of writes)
        if (write.half === "keys")
          for (const [key, at] of write.entries) waiting.set(`${write.queue} ${key}`, at);
      const records = writes.flatMap((write) => {
        if (write.half === "keys") return [];
        return write.entries.map(([key, body]) => {
          const id = `${write.queue} ${key}`;
          const at = waiting.get(id) ?? now;
          waiting.delete(id);
          return { queue: write.queue, record: { key, at, body } };
        });
      });
      for (const id of waiting.keys()) {
        if (waiting.size <= MOST_WAITING) break;
        waiting.delete(id);
      }
      return records;
    },
  };
}

/** A score as Redis reads it; infinite ones become the first and last place that a queue has. NaN for what is none. */
function readScore(text: string): number {
  if (/^[+-]?inf(inity)?$/i.test(text)) return text.startsWith("-") ? -Number.MAX_VALUE : Number.MAX_VALUE;
  const score = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  return Math.min(Math.max(score, -Number.MAX_VALUE), Number.MAX_VALUE);
}
