import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { Redis } from "ioredis";
import { type RedisServer, startRedis } from "../../../scripts/servers/redis-server.ts";
import { LeaseLost, StorageError } from "../../../src/errors.ts";
import { parseRedisUrl } from "../../../src/redis/address.ts";
import { openRedis } from "../../../src/storage/redis/redis.ts";
import type { Storage } from "../../../src/storage/storage.ts";
import { ALL, record } from "../rig.ts";

const RAW = "chouette:metrics:raw";
const KEYS = `${RAW}.keys`;
const VALUES = `${RAW}.values`;
const NOW = 1_700_000_000.5;

let server: RedisServer;
let application: Redis;
let storage: Storage;
beforeAll(async () => {
  server = await startRedis();
  application = new Redis({ path: server.socket });
});
afterAll(async () => {
  application.disconnect();
  await server.stop();
});
beforeEach(async () => {
  await application.flushall();
  storage = openRedis(parseRedisUrl(server.url), {
    now: () => NOW,
    fateOf: () => "unknown" as const,
    onState: () => {},
  });
});
afterEach(() => storage.close());

/** What chouette-iot-client does for each metric; resolves whatever the commands come to. */
async function sendAsClient(key: string, at: number | string, body: string): Promise<void> {
  await application.multi().zadd(KEYS, at, key).hset(VALUES, key, body).exec();
}

describe("the layout shared with chouette-iot-client", () => {
  test("a metric of the client is read as it wrote it", async () => {
    const body =
      '{"metric": "my.count", "type": "count", "value": NaN, "timestamp": 1591541270.99, "tags": {"zone": "ä"}}';
    await sendAsClient("b2b7c0f4-6e2d-4b0e-9f57-2d2f5a1f8f11", 1591541270.99, body);
    expect(await storage.peek(RAW, ALL)).toEqual([
      {
        key: "b2b7c0f4-6e2d-4b0e-9f57-2d2f5a1f8f11",
        at: 1591541270.99,
        body,
        bytes: Buffer.byteLength(body),
      },
    ]);
  });

  test("what is committed lies where the client and the Python agent look for it", async () => {
    await storage.acquire({ name: "raw", owner: "me" }, 60);
    await storage.commit({
      lease: { name: "raw", owner: "me" },
      add: [{ queue: RAW, records: [record("k", 1591541270.99, "é\0"), record("l", 0.1 + 0.2)] }],
      stamps: [1591541270],
      notes: { delivery: "ok" },
    });
    expect((await application.keys("*")).sort()).toEqual([
      "chouette:lease:raw",
      KEYS,
      VALUES,
      "chouette:notes",
      "chouette:stamps",
    ]);
    expect(await application.zrange(KEYS, "0", "-1")).toEqual(["l", "k"]);
    expect(Number(await application.zscore(KEYS, "k"))).toBe(1591541270.99);
    expect(Number(await application.zscore(KEYS, "l"))).toBe(0.1 + 0.2);
    expect(await application.hgetall(VALUES)).toEqual({ k: "é\0", l: '"l"' });
    expect(await application.zrange("chouette:stamps", "0", "-1", "WITHSCORES")).toEqual([
      "1591541270",
      "1591541270",
    ]);
    expect(await application.hgetall("chouette:notes")).toEqual({ delivery: "ok" });
    expect(await application.get("chouette:lease:raw")).toBe("60 me");
    expect(await application.pttl("chouette:lease:raw")).toBeWithin(1, 60_001);
  });

  test("nothing is left of records that were removed or have expired", async () => {
    await sendAsClient("a", 1, "{}");
    await sendAsClient("b", 2, "{}");
    await storage.commit({ remove: [{ queue: RAW, keys: ["a"] }] });
    await storage.expire(RAW, 3, "expired");
    expect(await application.keys("*")).toEqual(["chouette:notes"]);
    expect(await application.hgetall("chouette:notes")).toEqual({ "dropped:expired": "1" });
  });

  test("scripts are loaded again after Redis has forgotten them", async () => {
    await storage.commit({ notes: { name: "1" } });
    await application.script("FLUSH");
    await storage.commit({ notes: { name: "2" } });
    expect(await storage.note("name")).toBe("2");
  });
});

describe("the storage tolerates what other programs leave:", () => {
  test("a key without a value is returned without a body, and can be removed", async () => {
    await application.zadd(KEYS, 1, "lonely");
    await sendAsClient("k", 2, "{}");
    expect(await storage.peek(RAW, ALL)).toEqual([
      { key: "lonely", at: 1, body: undefined, bytes: 0 },
      { key: "k", at: 2, body: "{}", bytes: 2 },
    ]);
    await storage.commit({ remove: [{ queue: RAW, keys: ["lonely"] }] });
    expect(await application.zrange(KEYS, "0", "-1")).toEqual(["k"]);
  });

  test("a key that is not UTF-8 can be removed", async () => {
    const key = Buffer.from([0xff, 0x00, 0xc3, 0x28, 0x41]);
    await application.multi().zadd(KEYS, 1, key).hset(VALUES, key, "{}").zadd(KEYS, 2, "\ufffd").exec();
    const found = await storage.peek(RAW, ALL);
    expect(found.map(({ at, body }) => ({ at, body }))).toEqual([
      { at: 1, body: "{}" },
      { at: 2, body: undefined },
    ]);
    await storage.commit({ remove: [{ queue: RAW, keys: found.map((one) => one.key) }] });
    expect(await application.keys("*")).toEqual([]);
  });

  test("infinite times are returned last and first, and expire like others", async () => {
    await sendAsClient("never", "+inf", "{}");
    await sendAsClient("always", "-inf", "{}");
    expect((await storage.peek(RAW, ALL)).map(({ at }) => at)).toEqual([-Infinity, Infinity]);
    expect(await storage.size(RAW)).toEqual({ count: 2, oldest: -Infinity, newest: Infinity });
    expect(await storage.expire(RAW, NOW, "expired")).toBe(1);
  });

  test("values without a key get one: their own time, or now", async () => {
    const values = {
      timed: '{"timestamp": 1591541270.99, "value": NaN}',
      infinite: '{"timestamp": Infinity}',
      text: '{"timestamp": "1591541270"}',
      list: "[1, 2]",
      broken: "{",
      missing: "{}",
    };
    await application.hset(VALUES, values);
    await sendAsClient("known", 5, '{"timestamp": 7}');
    expect(await storage.repair(RAW)).toEqual([expect.stringMatching(/^chouette:metrics:raw: 6 values/)]);
    expect((await storage.peek(RAW, ALL)).map(({ key, at }) => [key, at])).toEqual([
      ["known", 5],
      ["timed", 1591541270.99],
      ...["broken", "infinite", "list", "missing", "text"].map((key) => [key, NOW]),
    ]);
    expect(await storage.repair(RAW)).toEqual([]);
  });

  test("values without a key are found in a large queue, over several calls", async () => {
    const records = Array.from({ length: 30_000 }, (_, i) => record(`k${i}`, i));
    await storage.commit({ add: [{ queue: RAW, records }] });
    await application.hset(VALUES, "orphan", '{"timestamp": -1}');
    const sentences: string[] = [];
    for (let call = 0; call < 5 && sentences.length === 0; call++)
      sentences.push(...(await storage.repair(RAW)));
    expect(sentences).toEqual([expect.stringMatching(/^chouette:metrics:raw: 1 value/)]);
    expect((await storage.peek(RAW, { ...ALL, limit: 1 }))[0]?.key).toBe("orphan");
  });

  describe.each([
    ["list", KEYS, (key: string) => application.rpush(key, "x")],
    ["string", KEYS, (key: string) => application.set(key, "x")],
    ["list", VALUES, (key: string) => application.rpush(key, "x")],
    ["zset", VALUES, (key: string) => application.zadd(key, 1, "x")],
  ] as const)("a %s at %s", (type, key, write) => {
    const aside = `${key}:wrongtype-1700000000`;
    beforeEach(() => write(key));

    test("stops this queue only, with words that say what to do, and changes nothing", async () => {
      const change = {
        remove: [{ queue: "chouette:metrics:wrapped", keys: ["w"] }],
        add: [{ queue: RAW, records: [record("k", 1)] }],
        notes: { name: "text" },
      } as const;
      const wrapped = { queue: "chouette:metrics:wrapped", records: [record("w", 1)] } as const;
      await storage.commit({ add: [wrapped] });
      const refused = `Redis at ${server.url} has a ${type} in ${key}`;
      const calls = [
        () => storage.commit(change),
        () => storage.peek(RAW, ALL),
        () => storage.size(RAW),
        () => storage.expire(RAW, 10, "expired"),
      ];
      for (const call of calls) await expect(call()).rejects.toThrow(refused);
      expect((await storage.size("chouette:metrics:wrapped")).count).toBe(1);
      expect((await application.keys("*")).sort()).toEqual([
        key,
        "chouette:metrics:wrapped.keys",
        "chouette:metrics:wrapped.values",
      ]);
    });

    test("is renamed by repair", async () => {
      expect(await storage.repair(RAW)).toEqual([
        expect.stringMatching(new RegExp(`^${key} was a ${type} .*${aside}$`)),
      ]);
      expect(await application.type(aside)).toBe(type);
      expect(await storage.peek(RAW, ALL)).toEqual([]);
      await storage.commit({ add: [{ queue: RAW, records: [record("k", 1)] }] });
      expect((await storage.size(RAW)).count).toBe(1);
    });

    test("does not overwrite one that was renamed before", async () => {
      await application.set(aside, "kept");
      expect(await storage.repair(RAW).catch((error) => error)).toBeInstanceOf(StorageError);
      expect(await application.get(aside)).toBe("kept");
    });
  });

  test("records that clients sent while .keys had a wrong type are complete in .values, and are kept", async () => {
    await application.set(KEYS, "oops");
    await sendAsClient("k", 3, '{"timestamp": 3}');
    expect(await storage.repair(RAW)).toEqual([
      expect.stringMatching(new RegExp(`^${KEYS} was a string .*${KEYS}:wrongtype-1700000000$`)),
      expect.stringMatching(/^chouette:metrics:raw: 1 value/),
    ]);
    expect(await storage.peek(RAW, ALL)).toEqual([{ key: "k", at: 3, body: '{"timestamp": 3}', bytes: 16 }]);
  });

  test.each(["chouette:stamps", "chouette:notes"])(
    "a wrong type at %s refuses the whole change",
    async (key) => {
      await application.set(key, "oops");
      const change = {
        add: [{ queue: RAW, records: [record("k", 1)] }],
        stamps: [1],
        notes: { n: "" },
      } as const;
      await expect(storage.commit(change)).rejects.toThrow(`has a string in ${key}`);
      expect(await application.keys("*")).toEqual([key]);
    },
  );

  test("a lease without an end or of unknown form can be taken", async () => {
    await application.set("chouette:lease:a", "60 stranger");
    await application.set("chouette:lease:b", "nonsense", "EX", 10);
    await application.rpush("chouette:lease:c", "x");
    for (const name of ["a", "b", "c"]) {
      const lease = { name, owner: "me" };
      await expect(storage.commit({ lease })).rejects.toThrow(LeaseLost);
      expect(await storage.acquire(lease, 60)).toBeUndefined();
      await storage.commit({ lease });
    }
  });
});
