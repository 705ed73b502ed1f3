import type { PeekOptions, StoredRecord } from "../storage.ts";
import type { RedisConnection } from "./connection.ts";
import { keyBytes, keyText } from "./key.ts";
import { bytesOrNone, list, texts, wholeNumber } from "./reply.ts";
import { scoreNumber, scoreText, upTo } from "./score.ts";
import { READABLE } from "./scripts.ts";

/** Gives the first records of a queue, whose `.keys` and `.values` are named, as `Storage.peek` does. */
export type ReadRecords = (queue: readonly [string, string], options: PeekOptions) => Promise<StoredRecord[]>;

/**
 * Keys per request: few at first, more while they are short, since those of other programs may be megabytes long. Redis takes at
 * most a millisecond or two, during which it serves no other client.
 */
const FEWEST = 16;
const MOST = 2000;

/** Bytes: what a short key has at most, and what the keys of one portion may have. */
const SHORT_KEY = 1024;
const MOST_KEY_BYTES = 4_000_000;

/** The length that READABLE returns for a record that is no longer in the queue. */
const GONE = -1;

/**
 * Makes the reader of records. It uses plain commands, which take Redis a third of the time that Lua takes for the same; a value is
 * requested only after a script has returned its length.
 */
export function recordReader(redis: RedisConnection): ReadRecords {
  let step = FEWEST;

  return async (queue, options) => {
    const records: StoredRecord[] = [];
    let { after, maxBytes } = options;
    for (;;) {
      const limit = Math.min(step, options.limit - records.length);
      const bounds = { ...options, limit, maxBytes, ...(after && { after }) };
      const portion = await readPortion(redis, queue, bounds, records.length === 0).catch(
        (error: unknown) => {
          step = FEWEST;
          throw error;
        },
      );
      for (const record of portion.records) records.push(record);
      maxBytes -= portion.bodyBytes;
      step = portion.keyBytes > SHORT_KEY * limit ? FEWEST : Math.max(step, Math.min(4 * limit, MOST));
      after = portion.last;
      if (after === undefined || records.length >= options.limit) return records;
    }
  };
}

type Place = { key: Buffer; at: number };

type Portion = {
  records: StoredRecord[];
  bodyBytes: number;
  keyBytes: number;
  /** The place behind which there are more records that may be read; undefined: there are none. */
  last: { at: number; key: string } | undefined;
};

/** Reads at most `limit` records. `isFirst`: one of them is read even if it is over maxBytes. */
async function readPortion(
  redis: RedisConnection,
  [keys, values]: readonly [string, string],
  bounds: PeekOptions,
  isFirst: boolean,
): Promise<Portion> {
  const { places, isEnd } = await firstPlaces(redis, keys, bounds).catch(async (error: unknown) => {
    // A key of a wrong type is named by the script alone.
    await redis.run(READABLE, [keys, values], [0, 0, 0], list);
    throw error;
  });
  const names = places.map(({ key }) => key);
  const args = [bounds.maxBytes, bounds.maxBody, isFirst ? 1 : 0, ...names];
  const [count = 0, ...unread] = await redis.run(READABLE, [keys, values], args, (reply) =>
    list(reply).map(wholeNumber),
  );
  const lengths = new Map<number, number>();
  for (let i = 0; i < unread.length; i += 2) lengths.set(unread[i] ?? 0, unread[i + 1] ?? 0);
  const bodies = await readValues(
    redis,
    values,
    names.slice(0, count).filter((_, i) => !lengths.has(i)),
  );
  const portion: Portion = { records: [], bodyBytes: 0, keyBytes: 0, last: undefined };
  let read = 0;
  for (const [i, { key, at }] of places.slice(0, count).entries()) {
    const length = lengths.get(i);
    const body = length === undefined ? bodies[read++] : undefined;
    portion.keyBytes += key.length;
    portion.bodyBytes += body?.length ?? 0;
    // The process that consumes the queue removes records while another one looks at them.
    if (length === GONE || body === null) continue;
    const bytes = body?.length ?? length ?? 0;
    portion.records.push({ key: keyText(key), at, body: body?.toString("utf8"), bytes });
  }
  const last = count < places.length || isEnd ? undefined : places.at(-1);
  return last === undefined ? portion : { ...portion, last: { at: last.at, key: keyText(last.key) } };
}

/**
 * The first keys in the range, at most `limit`, and no more than MOST_KEY_BYTES after the first. `isEnd`: those behind them, if there
 * are any, are not for this peek.
 */
async function firstPlaces(
  redis: RedisConnection,
  keys: string,
  { limit, from = -Infinity, before = Infinity, after }: PeekOptions,
): Promise<{ places: Place[]; isEnd: boolean }> {
  const first = Math.max(from, after?.at ?? -Infinity);
  const given = after?.at === first ? Buffer.from(keyBytes(after.key)) : undefined;
  for (let offset = 0; ; offset += limit) {
    const range = [scoreText(first), upTo(before), "WITHSCORES", "LIMIT", offset, limit];
    // Pairs of key and score; Redis 5, which knows no RESP3, gives them in one list.
    const found = await redis.call("ZRANGEBYSCORE", [keys, ...range], (reply) => texts(list(reply).flat()));
    const places: Place[] = [];
    let bytes = 0;
    for (let i = 0; i + 1 < found.length; i += 2) {
      const [key = NOTHING, score = NOTHING] = [found[i], found[i + 1]];
      const at = scoreNumber(score.toString("latin1"));
      // Redis sorts the keys of one time by their bytes, and `after` is somewhere among the first.
      if (given !== undefined && at === first && Buffer.compare(key, given) <= 0) continue;
      bytes += key.length;
      if (bytes > MOST_KEY_BYTES && places.length > 0) return { places, isEnd: true };
      places.push({ key, at });
    }
    const isEnd = found.length < 2 * limit;
    if (places.length > 0 || isEnd) return { places, isEnd };
  }
}

const NOTHING = Buffer.alloc(0);

async function readValues(
  redis: RedisConnection,
  values: string,
  names: readonly Buffer[],
): Promise<(Buffer | null)[]> {
  if (names.length === 0) return [];
  return redis.call("HMGET", [values, ...names], (reply) => list(reply).map(bytesOrNone));
}
