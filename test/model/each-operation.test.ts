import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import type { RedisServer } from "../../scripts/servers/redis-server.ts";
import { count, live, log, settle } from "./commands.ts";
import { judge } from "./judge.ts";
import { embedded, type Medium, redis, startDurableRedis } from "./levels.ts";
import { createWorld, type World } from "./world.ts";

setDefaultTimeout(3_600_000);

/** Every place is one run; fewer of them unless CHOUETTE_RUNS is given: every so manieth, another choice each time. */
const STRIDE = process.env.CHOUETTE_RUNS === undefined ? 97 : 1;

const first = Math.floor(Math.random() * STRIDE);
console.log(`places ${first}, ${first + STRIDE}, …`);

let server: RedisServer;
beforeAll(async () => {
  server = await startDurableRedis();
});
afterAll(() => server.stop());

test.each<[string, (now: () => number) => Promise<Medium>]>([
  ["RAM and card", embedded],
  ["Redis", (now) => redis(server, now)],
])(
  "%s: kill -9 before or after any operation on storage and network costs at most the capture under way",
  async (_, open) => {
    let reached = true;
    let places = 0;
    for (let place = first; reached; place += STRIDE) {
      const world = await createWorld(open);
      try {
        world.agent().life.dieAt(place);
        await story(world);
        reached = world.agent().life.dead();
        await settle(world);
        await judge(world, `place ${place}`);
        // Only a capture under way, which was not stored yet, is gone with its process.
        expect([...world.lost].filter((id) => !id.startsWith("capture"))).toEqual([]);
        expect(world.lost.size).toBeLessThanOrEqual(1);
        if (reached) places++;
      } finally {
        await world.remove();
      }
    }
    expect(places).toBeGreaterThan(400 / STRIDE);
  },
);

/** Captures, windows and logs are delivered, wait on the card while the network is down, and are delivered from there. */
async function story(world: World): Promise<void> {
  const measure = async () => {
    for (let n = 0; n < 3; n++) await count(world, n * 7);
    await log(world);
  };
  await measure();
  await live(world, 7);
  world.intake.mood = "down";
  for (let minute = 0; minute < 3; minute++) {
    await measure();
    await live(world, 6);
  }
  world.intake.mood = "takes";
  await live(world, 7);
}
