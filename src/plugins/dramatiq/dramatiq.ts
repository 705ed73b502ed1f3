import { IoError, PluginError } from "../../errors.ts";
import type { Io, Plugin } from "../plugin.ts";
import { reading } from "../reading.ts";

/** Dramatiq's Redis broker keeps the messages of queue Q in the hash `dramatiq:Q.msgs`; `Q.DQ` are the delayed, `Q.XQ` the dead ones. */
const PREFIX = "dramatiq:";
const SUFFIX = ".msgs";

/** Queues whose end is remembered; a program that makes a queue per job must not fill the memory. */
const MOST_REMEMBERED = 1000;

/** Sizes of the queues that Dramatiq keeps in the Redis of the configuration. */
export const dramatiq: Plugin<Record<never, never>> = {
  variables: {},
  create(_values, io) {
    let seen: string[] = [];
    return {
      async collect(at, signal) {
        const sizes = await queueSizes(io, signal);
        if (sizes === undefined)
          return {
            points: [],
            reason: "no Redis is configured",
            remedy: "set REDIS_HOST or REDIS_URL to the Redis that is Dramatiq's broker",
          };
        // Redis removes a hash with its last field: a queue that was there and is gone is empty.
        const emptied = seen.filter((queue) => !sizes.has(queue));
        seen = [...sizes.keys(), ...emptied].slice(0, MOST_REMEMBERED);
        const points = [...sizes, ...emptied.map((queue) => [queue, 0] as const)].flatMap(([queue, size]) =>
          reading("Chouette.dramatiq.queue_size", size, at, [`queue:${queue}`]),
        );
        if (points.length > 0) return { points };
        return {
          points,
          reason: `no key like ${PREFIX}*${SUFFIX} in this Redis`,
          remedy: `redis-cli -h HOST -p PORT --scan --pattern '${PREFIX}*'   # nothing: set REDIS_URL=redis://HOST:PORT/DB to the broker of Dramatiq`,
        };
      },
    };
  },
};

/** Messages by queue; undefined without a Redis. Rejects with PluginError when it does not answer. */
async function queueSizes(io: Io, signal: AbortSignal): Promise<Map<string, number> | undefined> {
  try {
    const sizes = await io.hashSizes(`${PREFIX}*${SUFFIX}`, signal);
    return new Map([...sizes].map(([key, size]) => [key.slice(PREFIX.length, -SUFFIX.length), size]));
  } catch (error) {
    if (error instanceof IoError && error.code === "not-configured") return undefined;
    throw new PluginError(
      error instanceof Error ? error.message : String(error),
      "check REDIS_HOST and REDIS_PORT, or REDIS_URL: redis-cli -h HOST -p PORT ping",
    );
  }
}
