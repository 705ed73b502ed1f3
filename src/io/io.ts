import type { Io } from "../plugins/plugin.ts";
import { createDiskUsage } from "./disk-usage.ts";
import { getJson } from "./get-json.ts";
import { lines } from "./lines.ts";
import { createTextFiles } from "./text-file.ts";

/** The real world: files and mounts below `root` (HOST_ROOT), and the Redis of the configuration if there is one. */
export function createIo({ root, redis }: { root: string; redis?: { url: string } }): Io {
  return {
    ...createTextFiles(root),
    diskUsage: createDiskUsage(root),
    getJson,
    lines,
    hashSizes: redis === undefined ? noRedis : lazyHashSizes(redis.url),
  };
}

async function noRedis(): Promise<never> {
  throw new Error("no Redis is configured: set REDIS_HOST or REDIS_URL");
}

/** ioredis is loaded at the first call: most devices never need it. */
function lazyHashSizes(url: string): Io["hashSizes"] {
  return async (pattern, signal) => {
    const { createHashSizes } = await import("./hash-sizes.ts");
    return createHashSizes(url)(pattern, signal);
  };
}
