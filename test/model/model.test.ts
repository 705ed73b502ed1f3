import { afterAll, beforeAll, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import type { RedisServer } from "../../scripts/servers/redis-server.ts";
import { anyCommands, settle } from "./commands.ts";
import { judge } from "./judge.ts";
import { embedded, type Medium, redis, startDurableRedis } from "./levels.ts";
import { createWorld } from "./world.ts";

setDefaultTimeout(3_600_000);

/** CHOUETTE_RUNS: more of them; CHOUETTE_SEED: those that were seen; CHOUETTE_SHRINK: down to the shortest that fails. */
const runs = Number(process.env.CHOUETTE_RUNS ?? 20);
const seed = Number(process.env.CHOUETTE_SEED ?? Math.floor(Math.random() * 2 ** 31));
console.log(`CHOUETTE_SEED=${seed}`);

let server: RedisServer;
beforeAll(async () => {
  server = await startDurableRedis();
});
afterAll(() => server.stop());

test.each<[string, number, (now: () => number) => Promise<Medium>]>([
  ["RAM and card", runs, embedded],
  ["Redis", Math.ceil(runs / 4), (now) => redis(server, now)],
])(
  "%s: whatever happens, each record arrives once or is in one counter, and no second has two values",
  async (_, numRuns, open) => {
    await fc.assert(
      fc.asyncProperty(anyCommands, async (commands) => {
        const world = await createWorld(open);
        try {
          await fc.asyncModelRun(() => ({ model: {}, real: world }), commands);
          await settle(world);
          await judge(world);
        } finally {
          await world.remove();
        }
      }),
      { numRuns, seed, endOnFailure: process.env.CHOUETTE_SHRINK === undefined },
    );
  },
);
