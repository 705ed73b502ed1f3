import type { Io } from "../plugins/plugin.ts";
import type { RedisAddress } from "../redis/address.ts";
import { createRedisClient, type RedisClient } from "../redis/client.ts";
import { explainRedisError, isLoss } from "../redis/errors.ts";

const MAX_KEYS = 10_000;

/**
 * HLEN of the hashes whose keys match a glob, at most 10,000 of them, from SCAN in steps of 500 so that the server is never
 * held up. Keys of another type are left out: HLEN refuses them with WRONGTYPE, which unlike SCAN's TYPE is also known to
 * Redis before 6. The connection is opened for each call and closed after it; the signal is the deadline.
 */
export function createHashSizes(address: RedisAddress): Io["hashSizes"] {
  return async (pattern, signal) => {
    const client = createRedisClient(address, false);
    let trouble: unknown;
    client.redis.on("error", (error) => {
      trouble ??= error;
    });
    const hangUp = () => client.redis.disconnect();
    signal.addEventListener("abort", hangUp);
    try {
      signal.throwIfAborted();
      await client.redis.connect().catch((error: unknown) => {
        // Once more: the second connection shows why the first one was closed without a word (see connectorTo).
        if (signal.aborted || !isLoss(trouble ?? error)) throw error;
        trouble = undefined;
        return client.redis.connect();
      });
      return await scan(client, pattern);
    } catch (error) {
      throw explainRedisError(signal.aborted ? late() : (trouble ?? error), address);
    } finally {
      signal.removeEventListener("abort", hangUp);
      client.redis.disconnect();
    }
  };
}

function late(): Error {
  return Object.assign(new Error("no answer in time"), { code: "ETIMEDOUT" });
}

async function scan({ call }: RedisClient, pattern: string): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  let cursor = "0";
  do {
    const [next, keys] = scanStep(await call("SCAN", [cursor, "MATCH", pattern, "COUNT", 500]));
    cursor = next;
    const fresh = keys.filter((key) => !sizes.has(key)).slice(0, MAX_KEYS - sizes.size);
    await addSizes(call, fresh, sizes);
  } while (cursor !== "0" && sizes.size < MAX_KEYS);
  return sizes;
}

/** An answer of SCAN: the next cursor, and keys. */
function scanStep(answer: unknown): [cursor: string, keys: string[]] {
  const [cursor, keys] = Array.isArray(answer) ? (answer as unknown[]) : [];
  if (!Buffer.isBuffer(cursor) || !Array.isArray(keys)) throw new Error("unexpected answer");
  return [cursor.toString(), keys.map(String)];
}

async function addSizes(
  call: RedisClient["call"],
  keys: readonly string[],
  sizes: Map<string, number>,
): Promise<void> {
  // All at once, and answered in one go.
  const answers = await Promise.allSettled(keys.map((key) => call("HLEN", [key])));
  for (const [index, key] of keys.entries()) {
    const answer = answers[index];
    if (answer?.status === "fulfilled") sizes.set(key, Number(answer.value));
    else if (!String(answer?.reason?.message).startsWith("WRONGTYPE")) throw answer?.reason;
  }
}
