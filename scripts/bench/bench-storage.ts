import { parseRedisUrl } from "../../src/redis/address.ts";
import { openRedis } from "../../src/storage/redis/redis.ts";
import { openSqlite } from "../../src/storage/sqlite/sqlite.ts";
import type { Storage } from "../../src/storage/storage.ts";

/** The storage that a child process of the benchmark is told to work on. */
export function openBenchStorage(type: string, where: string): Storage {
  const deps = { now: () => Date.now() / 1000, ownerIsGone: () => false, warn: () => {}, onState: () => {} };
  return type === "redis" ? openRedis(parseRedisUrl(where), deps) : openSqlite(where, deps);
}
