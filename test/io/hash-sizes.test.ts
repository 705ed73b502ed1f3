import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { createServer, type Server } from "node:net";
import { Redis } from "ioredis";
import { type RedisServer, startRedis } from "../../scripts/servers/redis-server.ts";
import { createHashSizes } from "../../src/io/hash-sizes.ts";
import { parseRedisUrl } from "../../src/redis/address.ts";

const never = new AbortController().signal;
const hashSizes = (url: string) => createHashSizes(parseRedisUrl(url));

let server: RedisServer;
let redis: Redis;
beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.socket);
});
afterEach(async () => {
  await redis.flushall();
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

describe("on a real server", () => {
  test("every hash that matches has its size, and only hashes", async () => {
    await redis.hset("dramatiq:default.msgs", { a: 1, b: 2, c: 3 });
    await redis.hset("dramatiq:größe.msgs", { a: 1 });
    await redis.hset("dramatiq:default", { a: 1 });
    await redis.set("dramatiq:text.msgs", "not a hash");
    await redis.rpush("dramatiq:list.msgs", "not a hash");
    expect(await hashSizes(server.url)("dramatiq:*.msgs", never)).toEqual(
      new Map([
        ["dramatiq:default.msgs", 3],
        ["dramatiq:größe.msgs", 1],
      ]),
    );
  });

  test("nothing matches", async () => {
    expect(await hashSizes(server.url)("dramatiq:*.msgs", never)).toEqual(new Map());
  });

  test("hashes of many SCAN steps are all found, 10,000 at most", async () => {
    const fill = redis.pipeline();
    for (let n = 0; n < 10_100; n += 1) fill.hset(`dramatiq:${n}.msgs`, "a", 1);
    await fill.exec();
    const sizes = hashSizes(server.url);
    expect((await sizes("dramatiq:1*.msgs", never)).size).toBe(1211);
    expect((await sizes("dramatiq:*.msgs", never)).size).toBe(10_000);
  });

  test("no connection is left behind", async () => {
    const sizes = hashSizes(server.url);
    await Promise.all([sizes("*", never), sizes("*", never)]);
    await until(
      async () => (await redis.client("LIST")) as string,
      (list) => list.trim().split("\n").length === 1,
    );
  });

  test("the database of the address is used", async () => {
    const other = new Redis(server.socket, { db: 3 });
    await other.hset("dramatiq:other.msgs", "a", 1);
    other.disconnect();
    expect(await hashSizes(`${server.url}?db=3`)("*", never)).toEqual(new Map([["dramatiq:other.msgs", 1]]));
  });

  test("a server that refuses says why", async () => {
    await redis.call("ACL", "SETUSER", "reader", "on", ">secret", "~*", "+@all", "-scan");
    const attempt = hashSizes(`${server.url}?username=reader&password=secret`)("*", never);
    await expect(attempt).rejects.toThrow(`Redis at ${server.url} does not give this user the permissions`);
  });
});

describe("without an answer", () => {
  test("nothing listens, and the error has neither user nor password", async () => {
    const port = await freePort();
    await expect(hashSizes(`redis://someone:secret@127.0.0.1:${port}/2`)("*", never)).rejects.toThrow(
      /^Redis at redis:\/\/127\.0\.0\.1:\d+\/2 is not running/,
    );
  });

  test("a missing socket", async () => {
    await expect(hashSizes("unix:///no/such.sock?db=1")("*", never)).rejects.toThrow(
      "Redis at unix:///no/such.sock?db=1 is not running",
    );
  });

  test("the signal is the deadline of a server that stops answering", async () => {
    server.freeze();
    const begin = performance.now();
    const message = await failure(hashSizes(server.url)("*", AbortSignal.timeout(1)));
    server.thaw();
    expect(message).toStartWith(`Redis at ${server.url} does not answer. `);
    expect(performance.now() - begin).toBeLessThan(4000);
  });

  test("a server that takes connections and never answers", async () => {
    const silent = createServer({ allowHalfOpen: true });
    const taken = new Promise<void>((resolve) => silent.once("connection", () => resolve()));
    const port = await listen(silent);
    const stop = new AbortController();
    const message = failure(hashSizes(`redis://127.0.0.1:${port}`)("*", stop.signal));
    await taken;
    stop.abort();
    expect(await message).toStartWith(`Redis at redis://127.0.0.1:${port} does not answer. `);
    silent.close();
  });

  test("a server that talks another language", async () => {
    const stranger = createServer((connection) => connection.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    const port = await listen(stranger);
    await expect(hashSizes(`redis://127.0.0.1:${port}`)("*", never)).rejects.toThrow(
      `Redis at redis://127.0.0.1:${port} `,
    );
    stranger.close();
  });

  test("an aborted signal sends no request", async () => {
    await expect(hashSizes("redis://127.0.0.1:1")("*", AbortSignal.abort())).rejects.toThrow(
      "Redis at redis://127.0.0.1:1 does not answer. ",
    );
  });
});

/** The words of its error. (Bun's `rejects` looks only about once a second.) */
async function failure(attempt: Promise<unknown>): Promise<string> {
  return attempt.then(
    () => "no failure",
    (error: Error) => error.message,
  );
}

async function until<T>(ask: () => Promise<T>, holds: (answer: T) => boolean): Promise<void> {
  while (!holds(await ask()));
}

function listen(tcp: Server): Promise<number> {
  return new Promise((resolve) => {
    tcp.listen(0, "127.0.0.1", () => resolve((tcp.address() as { port: number }).port));
  });
}

async function freePort(): Promise<number> {
  const tcp = createServer();
  const port = await listen(tcp);
  await new Promise((resolve) => tcp.close(resolve));
  return port;
}
