import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { createHashSizes } from "../../src/io/hash-sizes.ts";

const never = new AbortController().signal;

let folder: string;
let socket: string;
let server: Bun.Subprocess<"ignore", "pipe", "inherit">;
let redis: Redis;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "chouette-redis-"));
  socket = join(folder, "redis.sock");
  server = Bun.spawn(["redis-server", "--port", "0", "--unixsocket", socket, "--save", "", "--dir", folder], {
    stdin: "ignore",
    stdout: "pipe",
  });
  let log = "";
  for await (const chunk of server.stdout) {
    log += new TextDecoder().decode(chunk);
    if (log.includes("ready to accept connections")) break;
  }
  redis = new Redis(socket);
});
afterEach(async () => {
  await redis.flushall();
});
afterAll(async () => {
  redis.disconnect();
  server.kill();
  await server.exited;
  rmSync(folder, { recursive: true });
});

describe("on a real server", () => {
  test("every hash that matches has its size, and only hashes", async () => {
    await redis.hset("dramatiq:default.msgs", { a: 1, b: 2, c: 3 });
    await redis.hset("dramatiq:größe.msgs", { a: 1 });
    await redis.hset("dramatiq:default", { a: 1 });
    await redis.set("dramatiq:text.msgs", "not a hash");
    await redis.rpush("dramatiq:list.msgs", "not a hash");
    expect(await createHashSizes({ url: socket })("dramatiq:*.msgs", never)).toEqual(
      new Map([
        ["dramatiq:default.msgs", 3],
        ["dramatiq:größe.msgs", 1],
      ]),
    );
  });

  test("nothing matches", async () => {
    expect(await createHashSizes({ url: socket })("dramatiq:*.msgs", never)).toEqual(new Map());
  });

  test("hashes of many SCAN steps are all found, 10,000 at most", async () => {
    const fill = redis.pipeline();
    for (let n = 0; n < 10_100; n += 1) fill.hset(`dramatiq:${n}.msgs`, "a", 1);
    await fill.exec();
    const hashSizes = createHashSizes({ url: socket });
    expect((await hashSizes("dramatiq:1*.msgs", never)).size).toBe(1211);
    expect((await hashSizes("dramatiq:*.msgs", never)).size).toBe(10_000);
  });

  test("no connection is left behind", async () => {
    const hashSizes = createHashSizes({ url: socket });
    await Promise.all([hashSizes("*", never), hashSizes("*", never)]);
    await until(
      async () => (await redis.client("LIST")) as string,
      (list) => list.trim().split("\n").length === 1,
    );
  });

  test("the database of the address is asked", async () => {
    const other = new Redis(socket, { db: 3 });
    await other.hset("dramatiq:other.msgs", "a", 1);
    other.disconnect();
    expect(await createHashSizes({ url: `${socket}?db=3` })("*", never)).toEqual(
      new Map([["dramatiq:other.msgs", 1]]),
    );
  });

  test("a server that refuses says why", async () => {
    await redis.call("ACL", "SETUSER", "reader", "on", ">secret", "~*", "+@all", "-scan");
    const attempt = createHashSizes({ url: `${socket}?username=reader&password=secret` })("*", never);
    await expect(attempt).rejects.toThrow(/^Redis at .*redis\.sock: NOPERM .*scan/);
  });
});

describe("without an answer", () => {
  test("nothing listens", async () => {
    const port = await freePort();
    await expect(createHashSizes({ host: "127.0.0.1", port })("*", never)).rejects.toThrow(
      new Error(`Redis at 127.0.0.1:${port}: connection refused, nothing listens there`),
    );
    const url = `redis://someone:secret@127.0.0.1:${port}/2`;
    await expect(createHashSizes({ url })("*", never)).rejects.toThrow(
      new Error(`Redis at 127.0.0.1:${port}: connection refused, nothing listens there`),
    );
  });

  test("a socket that is not there", async () => {
    const url = join(folder, "none.sock?db=1");
    await expect(createHashSizes({ url })("*", never)).rejects.toThrow(
      new Error(`Redis at ${join(folder, "none.sock")}: no such file`),
    );
  });

  test("the signal is the deadline of a server that takes connections and never answers", async () => {
    const silent = createServer({ allowHalfOpen: true });
    const taken = new Promise<void>((resolve) => silent.once("connection", () => resolve()));
    const port = await listen(silent);
    const stop = new AbortController();
    const attempt = createHashSizes({ host: "127.0.0.1", port })("*", stop.signal);
    await taken;
    stop.abort();
    await expect(attempt).rejects.toThrow(new Error(`Redis at 127.0.0.1:${port}: no answer in time`));
    silent.close();
  }, 1000);

  test("a server that talks another language", async () => {
    const stranger = createServer((connection) => connection.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    const port = await listen(stranger);
    await expect(createHashSizes({ host: "127.0.0.1", port })("*", never)).rejects.toThrow(
      `Redis at 127.0.0.1:${port}: `,
    );
    stranger.close();
  });
});

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
