import { afterAll, beforeAll, expect, test } from "bun:test";
import { type RedisServer, startRedis } from "../../../scripts/servers/redis-server.ts";
import { IoError, PluginError } from "../../../src/errors.ts";
import { createIo } from "../../../src/io/io.ts";
import { dramatiq } from "../../../src/plugins/dramatiq/dramatiq.ts";
import type { Io } from "../../../src/plugins/plugin.ts";
import { parseRedisUrl } from "../../../src/redis/address.ts";
import { settings } from "../../helpers/plugin-settings.ts";

const never = new AbortController().signal;

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

test("a queue of a real Redis, while it fills, is worked off and is gone", async () => {
  const collector = dramatiq.create(
    {},
    createIo({ root: "/", redis: parseRedisUrl(redis.socket) }),
    settings,
  );
  const sizes = async () =>
    (await collector.collect(60, never)).points.map(({ tags, value }) => [...tags, value]);

  expect(await sizes()).toEqual([]);
  await redis.cli("HSET", "dramatiq:default.msgs", "id-1", "{}", "id-2", "{}");
  await redis.cli("RPUSH", "dramatiq:default", "id-1", "id-2");
  await redis.cli("SET", "dramatiq:text.msgs", "of another type");
  expect(await sizes()).toEqual([["queue:default", 2]]);
  await redis.cli("HDEL", "dramatiq:default.msgs", "id-1");
  expect(await sizes()).toEqual([["queue:default", 1]]);
  await redis.cli("HDEL", "dramatiq:default.msgs", "id-2");
  expect(await sizes()).toEqual([["queue:default", 0]]);
  expect(await sizes()).toEqual([["queue:default", 0]]);
});

test("the latest thousand of the queues that come and go are remembered", async () => {
  let queues: string[] = [];
  const world: Io = {
    ...createIo({ root: "/" }),
    hashSizes: async () => new Map(queues.map((queue) => [`dramatiq:${queue}.msgs`, 1])),
  };
  const collector = dramatiq.create({}, world, settings);
  const zeros = async () => (await collector.collect(60, never)).points.filter(({ value }) => value === 0);

  for (let job = 0; job < 1200; job += 1) {
    queues = [`job-${job}`];
    await collector.collect(60, never);
  }
  queues = [];
  const remembered = await zeros();
  expect(remembered).toHaveLength(1000);
  expect(remembered[0]?.tags).toEqual(["queue:job-1199"]);
  expect(remembered.at(-1)?.tags).toEqual(["queue:job-200"]);
});

test("the want of a Redis is known by its code, whatever its words", async () => {
  const capture = (code: "not-configured" | "other") => {
    const hashSizes = () => Promise.reject(new IoError("HLEN", code, "Wörter, die niemand kennt"));
    return dramatiq.create({}, { ...createIo({ root: "/" }), hashSizes }, settings).collect(60, never);
  };
  expect((await capture("not-configured")).reason).toBe("no Redis is configured");
  expect(await capture("other").catch((error: unknown) => error)).toBeInstanceOf(PluginError);
});
