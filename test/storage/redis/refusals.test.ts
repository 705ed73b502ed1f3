import { afterEach, describe, expect, test } from "bun:test";
import { Redis } from "ioredis";
import { RAW, record } from "../rig.ts";
import { ADD, cleanUp, later, open, proxy, refusal, server } from "./rig.ts";

afterEach(cleanUp);

describe("logging in", () => {
  const PASSWORD = "p@ss:/w#rd %";

  test("the password of the URL, without and with a user", async () => {
    const redis = await server("--requirepass", PASSWORD);
    const { port } = await proxy(redis.socket);
    const password = encodeURIComponent(PASSWORD);
    for (const url of [
      `redis://:${password}@127.0.0.1:${port}`,
      `redis://default:${password}@127.0.0.1:${port}/0`,
      `${redis.url}?password=${password}`,
    ])
      await open(url).storage.commit(ADD);
  });

  test("a wrong or missing password is reported, and shown nowhere", async () => {
    const redis = await server("--requirepass", PASSWORD);
    const wrong = open(`${redis.url}?password=secret-but-wrong`);
    const refused = await refusal(wrong.storage.commit(ADD));
    expect(refused).toStartWith(`Redis at ${redis.url} `);
    expect(refused).toContain("redis://user:password@host:6379");
    expect(refused).not.toContain("secret-but-wrong");
    expect(await wrong.next()).toEqual([false, refused]);
    const missing = open(redis.url);
    expect(await refusal(missing.storage.commit(ADD))).toMatch(/password.*redis:\/\/:password@host:6379/);
  });

  test("a password for a Redis without one does no harm", async () => {
    const redis = await server();
    await open(`${redis.url}?password=unneeded`).storage.commit(ADD);
  });

  test("a Redis that does not know HELLO, as before version 6", async () => {
    const redis = await server("--requirepass", PASSWORD, "--rename-command", "HELLO", "");
    await open(`${redis.url}?password=${encodeURIComponent(PASSWORD)}`).storage.commit(ADD);
    const wrong = open(`${redis.url}?password=secret-but-wrong`);
    expect(await refusal(wrong.storage.commit(ADD))).not.toContain("secret-but-wrong");
  });

  test("a user who may do only a part", async () => {
    const redis = await server();
    await redis.cli("ACL", "SETUSER", "full", "on", ">pw", "~chouette:*", "+@all");
    await redis.cli("ACL", "SETUSER", "partial", "on", ">pw", "~other:*", "+@all");
    await open(`${redis.url}?username=full&password=pw`).storage.commit(ADD);
    expect(await refusal(open(`${redis.url}?username=partial&password=pw`).storage.commit(ADD))).toContain(
      "redis-cli ACL SETUSER <user> '~chouette:*' +@all",
    );
  });

  test("the database of the URL, and nothing where there is no such database", async () => {
    const redis = await server();
    await open(`${redis.url}?db=3`).storage.commit(ADD);
    expect(await redis.cli("INFO", "keyspace")).toMatch(/^# Keyspace\s+db3:keys=2,\S+$/);
    const { storage, next } = open(`${redis.url}?db=99`);
    const refused = await refusal(storage.commit(ADD));
    expect(refused).toStartWith(`Redis at ${redis.url}?db=99 `);
    expect(refused).toContain("redis-cli CONFIG GET databases");
    expect(await next()).toEqual([false, refused]);
    expect(await redis.cli("INFO", "keyspace")).toMatch(/^# Keyspace\s+db3:keys=2,\S+$/);
  });
});

describe("a Redis that refuses", () => {
  test("a read-only replica", async () => {
    const redis = await server();
    await redis.cli("REPLICAOF", "127.0.0.1", "1");
    expect(await refusal(open(redis.url).storage.commit(ADD))).toMatch(
      /read-only replica.*REDIS_URL.*redis-cli INFO replication/,
    );
  });

  test("one that is out of memory stores nothing of the change, but still removes", async () => {
    const redis = await server();
    const { storage } = open(redis.url);
    await storage.commit({ ...ADD, notes: { n: "old" } });
    await storage.acquire({ name: "raw", owner: "me" }, 60);
    await redis.cli("CONFIG", "SET", "maxmemory", "1");
    const lease = { name: "raw", owner: "me" };
    const more = { lease, add: [{ queue: RAW, records: [record("l", 2)] }], notes: { n: "new" } } as const;
    expect(await refusal(storage.commit(more))).toMatch(/memory.*redis-cli CONFIG SET maxmemory 256mb/);
    expect([await storage.size(RAW), await storage.note("n")]).toEqual([
      { count: 1, oldest: 1, newest: 1 },
      "old",
    ]);
    await storage.commit({ lease, remove: [{ queue: RAW, keys: ["k"] }] });
    expect((await storage.size(RAW)).count).toBe(0);
  });

  test("one that has no connection left, until it has", async () => {
    const redis = await server();
    const first = new Redis({ path: redis.socket });
    later(() => first.disconnect());
    await first.config("SET", "maxclients", "1");
    const { storage, next } = open(redis.url);
    const refused = await refusal(storage.commit(ADD));
    // On a unix socket the kernel may report the end before the server's line.
    expect(refused).toMatch(/connections|closed the connection/);
    expect(await next()).toEqual([false, refused]);
    await first.config("SET", "maxclients", "100");
    expect(await next()).toEqual([true, ""]);
    await storage.commit(ADD);
  });
});
