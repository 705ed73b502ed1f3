import { afterAll, beforeAll } from "bun:test";
import { type RedisServer, startRedis } from "../../../scripts/servers/redis-server.ts";
import { parseRedisUrl } from "../../../src/redis/address.ts";
import { openRedis } from "../../../src/storage/redis/redis.ts";
import { testSharedStorage, testStorage } from "../contract.ts";
import { fates, type Rig } from "../rig.ts";

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

async function openRig(): Promise<Rig & { another: () => ReturnType<typeof openRedis> }> {
  await redis.cli("FLUSHALL");
  const { gone, alive, fateOf } = fates();
  const now = () => Date.now() / 1000;
  const another = () => openRedis(parseRedisUrl(redis.url), { now, fateOf, onState: () => {} });
  const storage = another();
  return { storage, another, gone, alive, elapse, close: () => storage.close() };
}

/** Leases run on the clock of Redis: time passes for them when they lose that much of the time that they have to live. */
async function elapse(seconds: number): Promise<void> {
  await redis.cli(
    "EVAL",
    `for _, key in ipairs(redis.call('KEYS', 'chouette:lease:*')) do
      redis.call('PEXPIRE', key, string.format('%.0f', redis.call('PTTL', key) - ARGV[1] * 1000))
    end`,
    "0",
    String(seconds),
  );
}

testStorage("redis", openRig);
testSharedStorage("redis", openRig);
