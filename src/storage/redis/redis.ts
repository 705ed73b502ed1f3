import { LeaseLost } from "../../errors.ts";
import type { RedisAddress } from "../../redis/address.ts";
import type { RedisArgument } from "../../redis/client.ts";
import { checkChange, droppedNotes, REJECTED_KEPT } from "../check-change.ts";
import { type Change, type DataQueue, DROPPED_NOTES, type KeyedStorage, type QueueName } from "../storage.ts";
import { connectRedis, type RedisConnection } from "./connection.ts";
import { HOLDS } from "./holds-script.ts";
import { keyBytes } from "./key.ts";
import { ADOPT, MOVE_ASIDE } from "./repair-scripts.ts";
import { list, textOrNone, texts, wholeNumber } from "./reply.ts";
import { scoreNumber, scoreText, upTo } from "./score.ts";
import { ACQUIRE, COMMIT, EXPIRE, PEEK, RELEASE, SIZE } from "./scripts.ts";
import { unpackRecords } from "./unpack-records.ts";

export type RedisDeps = {
  /** Unix seconds. */
  now(): number;
  /** Returns the state of the process that holds a lease. */
  fateOf(owner: string): "alive" | "gone" | "unknown";
  /** Called once when Redis becomes unreachable, with the reason (at the start too), and once when it is back. */
  onState(up: boolean, error: string): void;
};

const STAMPS = "chouette:stamps";
const NOTES = "chouette:notes";

/** Records that one step of `expire` removes, and steps of about 100 values that one `repair` makes. */
const EXPIRE_STEP = 1000;
const REPAIR_STEPS = 100;

/**
 * Queues in a Redis (5 or later), laid out as chouette-iot-client knows them: `<queue>.keys` is a sorted set (member: key,
 * score: at) and `<queue>.values` a hash (field: key). Stamps are a sorted set `chouette:stamps`, notes a hash
 * `chouette:notes`, a lease the string `chouette:lease:<name>` = `<seconds> <owner>` with a time to live.
 *
 * Never throws for an absent Redis: operations reject with StorageError within seconds and work again once it is there. A commit whose answer was lost rejects too, and may have happened.
 * While a key of a queue has a wrong type, operations on that queue reject (it must not look empty) and the other queues
 * work; `repair` fixes it. Leases run on the clock of Redis.
 */
export function openRedis(address: RedisAddress, deps: RedisDeps): KeyedStorage {
  const redis = connectRedis(address, deps.onState);
  const cursors = new Map<DataQueue, string>();

  const storage: KeyedStorage = {
    shared: true,

    async commit(change) {
      checkChange(change);
      const done = await redis.run(COMMIT, ...commitArguments(change), wholeNumber);
      if (done === 0) throw new LeaseLost(`The lease ${change.lease?.name} is not held any more.`);
    },

    async peek(queue, options) {
      const { limit, maxBytes, maxBody, from = -Infinity, before = Infinity, after, newestFirst } = options;
      const first = Math.max(from, after?.at ?? -Infinity);
      const behind = after?.at === first ? [keyBytes(after.key)] : [];
      const order = newestFirst ? "newest" : "";
      const args = [scoreText(first), upTo(before), limit, maxBytes, maxBody, order, ...behind];
      return redis.run(PEEK, keysOf(queue), args, (reply) => unpackRecords(texts(reply)));
    },

    async holds(queue, keys) {
      return redis.run(HOLDS, keysOf(queue), keys.map(keyBytes), (reply) => reply === 1);
    },

    async expire(queue, before, reason) {
      let removed = 0;
      const keys = [...keysOf(queue), NOTES];
      for (;;) {
        const args = [upTo(before), EXPIRE_STEP, DROPPED_NOTES + reason];
        const step = await redis.run(EXPIRE, keys, args, wholeNumber);
        removed += step;
        if (step === 0) return removed;
      }
    },

    async stamps(from, to) {
      return redis.call("ZRANGEBYSCORE", [STAMPS, scoreText(from), upTo(to)], (reply) =>
        texts(reply).map((second) => wholeNumber(Number(second.toString()))),
      );
    },

    async keepStamps(count) {
      await redis.call("ZREMRANGEBYRANK", [STAMPS, 0, -count - 1], wholeNumber);
    },

    async size(queue, { from = -Infinity, before = Infinity } = {}) {
      return redis.run(SIZE, keysOf(queue), [scoreText(from), upTo(before)], (reply) => {
        const [count, oldest, newest] = list(reply);
        return { count: wholeNumber(count), oldest: timeOrNone(oldest), newest: timeOrNone(newest) };
      });
    },

    async weight(queue, range) {
      return (await storage.size(queue, range)).count;
    },

    async note(name) {
      return redis.call("HGET", [NOTES, name], textOrNone);
    },

    async notes(prefix) {
      return redis.call("HGETALL", [NOTES], (reply) => {
        const texts = list(reply).map(String);
        const pairs = texts.flatMap((name, i): [string, string][] =>
          i % 2 === 0 && name.startsWith(prefix) ? [[name, texts[i + 1] ?? ""]] : [],
        );
        return Object.fromEntries(pairs.sort(([a], [b]) => (a < b ? -1 : 1)));
      });
    },

    async acquire({ name, owner }, seconds) {
      const take = async (from: string) => {
        const args = [owner, seconds, Math.ceil(seconds * 1000), from];
        return redis.run(ACQUIRE, [leaseKey(name)], args, (reply) => {
          const [holder = null, lastsTooLong] = reply === null ? [] : list(reply);
          return { holder: textOrNone(holder), lastsTooLong: lastsTooLong === 1 };
        });
      };
      const { holder, lastsTooLong } = await take("");
      const fate = holder === undefined ? "gone" : deps.fateOf(holder);
      const isFree = fate === "gone" || (fate === "unknown" && lastsTooLong);
      return holder !== undefined && isFree ? (await take(holder)).holder : holder;
    },

    async release({ name, owner }) {
      await redis.run(RELEASE, [leaseKey(name)], [owner], () => {});
    },

    async repair(queue) {
      return [...(await moveAside(redis, queue, deps.now())), ...(await adopt(queue))];
    },

    // What a server's memory holds beside these queues is not ours to judge: QUEUE_MAX_RECORDS bounds them.
    async bytes() {
      return undefined;
    },

    async room() {
      return undefined;
    },

    async persist() {},

    async close() {
      redis.close();
    },
  };
  return storage;

  /** Continues where the last call ended, so that even a huge queue is checked in the end. */
  async function adopt(queue: DataQueue): Promise<string[]> {
    let adopted = 0;
    for (let step = 0; step < REPAIR_STEPS; step++) {
      const args = [cursors.get(queue) ?? 0, deps.now()];
      const [cursor, count] = await redis.run(ADOPT, keysOf(queue), args, (reply) => {
        const [next, number] = list(reply);
        return [textOrNone(next) ?? "0", wholeNumber(number)] as const;
      });
      cursors.set(queue, cursor);
      adopted += count;
      if (cursor === "0") break;
    }
    return adopted === 0 ? [] : [`${queue}: ${adopted} values had no key and got one`];
  }
}

async function moveAside(redis: RedisConnection, queue: DataQueue, now: number): Promise<string[]> {
  const keys = [...keysOf(queue), STAMPS, NOTES];
  const suffix = `:wrongtype-${Math.floor(now)}`;
  const moved = (await redis.run(MOVE_ASIDE, keys, [suffix], texts)).map(String);
  const sentences: string[] = [];
  for (let i = 0; i < moved.length; i += 3)
    sentences.push(`${moved[i]} was a ${moved[i + 1]} and was renamed to ${moved[i + 2]}`);
  return sentences;
}

/** KEYS and ARGV of the script COMMIT. */
function commitArguments(change: Change): [string[], RedisArgument[]] {
  const { lease, remove = [], add = [], stamps = [], notes = {} } = change;
  const keys = [STAMPS, NOTES, leaseKey(lease?.name ?? "")];
  const args: RedisArgument[] = [lease?.owner ?? "", remove.length];
  for (const { queue, keys: removed } of remove) {
    keys.push(...keysOf(queue));
    args.push(removed.length);
    for (const key of removed) args.push(keyBytes(key));
  }
  args.push(add.length);
  for (const { queue, records } of add) {
    keys.push(...keysOf(queue));
    args.push(queue.endsWith(":rejected") ? REJECTED_KEPT : 0);
    args.push(records.length);
    for (const { key, at, body } of records) args.push(at, keyBytes(key), body);
  }
  args.push(stamps.length, ...stamps, Object.keys(notes).length, ...Object.entries(notes).flat());
  const dropped = droppedNotes(change);
  args.push(dropped.length, ...dropped.flat());
  return [keys, args];
}

function keysOf(queue: QueueName): [string, string] {
  return [`${queue}.keys`, `${queue}.values`];
}

function leaseKey(name: string): string {
  return `chouette:lease:${name}`;
}

function timeOrNone(reply: unknown): number | undefined {
  const text = textOrNone(reply);
  return text === undefined ? undefined : scoreNumber(text);
}
