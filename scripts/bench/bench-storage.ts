import { parseRedisUrl } from "../../src/redis/address.ts";
import { openRedis } from "../../src/storage/redis/redis.ts";
import { openSqlite } from "../../src/storage/sqlite/sqlite.ts";
import type { Storage } from "../../src/storage/storage.ts";

/** Opens the storage that a child process of the benchmark gets in its arguments. */
export function openBenchStorage(type: string, where: string): Storage {
  const deps = {
    now: () => Date.now() / 1000,
    fateOf: () => "unknown" as const,
    warn: () => {},
    onState: () => {},
  };
  return type === "redis" ? openRedis(parseRedisUrl(where), deps) : openSqlite(where, deps);
}
