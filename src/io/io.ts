import { IoError } from "../errors.ts";
import type { Io } from "../plugins/plugin.ts";
import type { RedisAddress } from "../redis/address.ts";
import { systemClock } from "../schedule/clock.ts";
import { createDiskUsage } from "./disk-usage.ts";
import { lines } from "./lines.ts";
import { thisPlace } from "./place.ts";
import { createTextFiles } from "./text-file.ts";

/**
 * The real world: files and mounts below `root` (HOST_ROOT), and the Redis of the configuration if there is one. HTTP and Redis
 * are loaded at the first call: most devices never need them.
 */
export function createIo({ root, redis }: { root: string; redis?: RedisAddress | undefined }): Io {
  return {
    ...createTextFiles(root),
    diskUsage: createDiskUsage(root),
    getJson: async (...call) => (await import("./get-json.ts")).getJson(...call),
    lines,
    monotonic: systemClock.monotonic,
    place: thisPlace,
    hashSizes: redis === undefined ? noRedis : lazyHashSizes(redis),
  };
}

async function noRedis(): Promise<never> {
  throw new IoError("no Redis is configured", "not-configured", "set REDIS_HOST or REDIS_URL");
}

function lazyHashSizes(address: RedisAddress): Io["hashSizes"] {
  return async (pattern, signal) => {
    const { createHashSizes } = await import("./hash-sizes.ts");
    if (!address.tls) return createHashSizes(address)(pattern, signal);
    const { withAuthorities } = await import("./trusted-authorities.ts");
    return createHashSizes(withAuthorities(address))(pattern, signal);
  };
}
