import { Redis } from "ioredis";
import type { Io } from "../plugins/plugin.ts";
import type { RedisAddress } from "../redis/address.ts";
import { explainRedisError } from "../redis/errors.ts";

const MAX_KEYS = 10_000;

/**
 * HLEN of the hashes whose keys match a glob, at most 10,000 of them, from SCAN in steps of 500 so that the server is never
 * held up. Keys of another type are left out: HLEN refuses them with WRONGTYPE, which unlike SCAN's TYPE is also known to
 * Redis before 6. The connection is opened for each call and closed after it; the signal is the deadline.
 */
export function createHashSizes(address: RedisAddress): Io["hashSizes"] {
  return async (pattern, signal) => {
    const redis = connectionTo(address);
    let trouble: unknown;
    redis.on("error", (error) => {
      trouble = error;
    });
    const hangUp = () => redis.disconnect();
    signal.addEventListener("abort", hangUp);
    try {
      signal.throwIfAborted();
      await redis.connect();
      return await scan(redis, pattern);
    } catch (error) {
      throw explainRedisError(signal.aborted ? new Error("ETIMEDOUT") : (trouble ?? error), address);
    } finally {
      signal.removeEventListener("abort", hangUp);
      redis.disconnect();
    }
  };
}

/** Opened by `connect`, and never by itself again. A server that does not say goodbye within 0.1 s is left without it. */
function connectionTo({ path, host, port, username, password, db, tls }: RedisAddress): Redis {
  return new Redis({
    ...(path === undefined ? { host: host ?? "localhost", port: port ?? 6379 } : { path }),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls && { tls: {} }),
    db,
    lazyConnect: true,
    enableReadyCheck: false,
    disableClientInfo: true,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    disconnectTimeout: 100,
  });
}

async function scan(redis: Redis, pattern: string): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  let cursor = "0";
  do {
    const [next, keys] = await redis.scan(cursor, "MATCH", pattern, "COUNT", 500);
    cursor = next;
    const fresh = keys.filter((key) => !sizes.has(key)).slice(0, MAX_KEYS - sizes.size);
    await addSizes(redis, fresh, sizes);
  } while (cursor !== "0" && sizes.size < MAX_KEYS);
  return sizes;
}

async function addSizes(redis: Redis, keys: readonly string[], sizes: Map<string, number>): Promise<void> {
  const pipeline = redis.pipeline();
  for (const key of keys) pipeline.hlen(key);
  const answers = (await pipeline.exec()) ?? [];
  for (const [index, key] of keys.entries()) {
    const [error, size] = answers[index] ?? [];
    if (error == null) sizes.set(key, Number(size));
    else if (!error.message.startsWith("WRONGTYPE")) throw error;
  }
}
