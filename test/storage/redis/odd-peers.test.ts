import { afterEach, describe, expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Storage } from "../../../src/storage/storage.ts";
import { ALL, RAW } from "../rig.ts";
import { ADD, cleanUp, later, open, refusal, server } from "./rig.ts";

afterEach(cleanUp);

/** The URL of a server that answers each command in this way. */
async function peer(answer: (socket: Socket) => void): Promise<string> {
  const clients = new Set<Socket>();
  const listener = createServer((socket) => {
    clients.add(socket);
    const commands = (bytes: Buffer | string) =>
      Buffer.from(bytes)
        .toString("latin1")
        .match(/\*\d+\r\n\$/g) ?? [];
    socket
      .on("error", () => {})
      .on("data", (bytes) => {
        for (const _ of commands(bytes)) answer(socket);
      });
  }).listen(0, "127.0.0.1");
  await once(listener, "listening");
  later(() => {
    for (const client of clients) client.destroy();
    listener.close();
  });
  return `redis://127.0.0.1:${(listener.address() as { port: number }).port}`;
}

/** A redis-server of another kind on a port of its own choice among those that are free. */
async function other(...args: string[]): Promise<number> {
  const dir = await mkdtemp(join(tmpdir(), "chouette-redis-"));
  const listener = createServer().listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as { port: number };
  await new Promise((resolve) => listener.close(resolve));
  const redis = spawn("redis-server", [...args, "--port", `${port}`, "--dir", dir], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  later(async () => {
    redis.kill("SIGKILL");
    await rm(dir, { recursive: true });
  });
  for await (const text of redis.stdout) if (/ready to accept|Sentinel ID/i.test(String(text))) break;
  return port;
}

const CALLS: readonly (readonly [name: string, call: (storage: Storage) => Promise<unknown>])[] = [
  ["commit", (storage) => storage.commit(ADD)],
  ["peek", (storage) => storage.peek(RAW, ALL)],
  ["size", (storage) => storage.size(RAW)],
  ["expire", (storage) => storage.expire(RAW, 1, "expired")],
  ["stamps", (storage) => storage.stamps(0, 1)],
  // Any text may be the owner of a lease.
  ["acquire", (storage) => storage.acquire({ name: "raw", owner: "me" }, 60)],
  ["repair", (storage) => storage.repair(RAW)],
];

describe("a peer that is not Redis is reported as such", () => {
  test.each([
    ["simple texts", "+OK\r\n"],
    ["texts where numbers belong", "*3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n"],
    ["lists in lists", "*1\r\n".repeat(60_000)],
    ["a list of four thousand million", "*4294967296\r\n"],
    ["HTTP", "HTTP/1.1 400 Bad Request\r\n\r\n"],
    ["SSH", "SSH-2.0-OpenSSH_9.2p1\r\n"],
  ])("%s", async (_, text) => {
    const url = await peer((socket) => socket.write(text));
    const { storage } = open(url);
    for (const [name, call] of CALLS)
      if (name !== "acquire") expect(await refusal(call(storage))).toStartWith(`Redis at ${url} `);
    expect(await refusal(storage.commit(ADD))).toContain("does not answer as a Redis does");
  });

  test.each(["repair", "peek"])(
    "an answer announced as 4 GB ends %s before it fills the memory",
    async (name) => {
      const block = Buffer.alloc(1_000_000);
      let sent = 0;
      const url = await peer((socket) => {
        if (sent > 0) return;
        const pour = () => {
          while (!socket.destroyed && socket.write(block)) sent += block.length;
          socket.once("drain", pour);
        };
        socket.write("+OK\r\n$4294967296\r\n");
        pour();
      });
      const call = CALLS.find(([each]) => each === name)?.[1];
      const said = await refusal(call?.(open(url).storage) ?? Promise.resolve());
      expect(said).toContain("sends an answer over 32 MB");
      expect(sent).toBeLessThan(200_000_000);
    },
  );

  test("escape sequences of a peer are shown, and never stand in what is to be typed", async () => {
    const url = await peer((socket) => socket.write("-WRONGTYPE \x1b]0;x\x07;reboot is a zset\r\n"));
    const said = await refusal(open(url).storage.commit(ADD));
    expect(said).toContain("\\u001b]0;x\\u0007;reboot");
    expect(said.slice(said.indexOf("redis-cli"))).not.toContain("reboot");
    const strange = await peer((socket) => socket.write("-ODD \x9b31m\u202e\r\n"));
    expect(await refusal(open(strange).storage.commit(ADD))).toMatch(/ODD \\u009b31m\\u202e/);
  });
});

describe("a Redis that cannot be used as it is set up is explained with what to do", () => {
  test.each([
    ["a Cluster's node", ["--cluster-enabled", "yes"], "Redis Cluster", "redis-cli INFO cluster"],
    ["a renamed EVALSHA", ["--rename-command", "EVALSHA", "hidden"], "renamed", "rename-command"],
    ["too few replicas", ["--min-replicas-to-write", "1"], "too few replicas", "min-replicas-to-write 0"],
  ])("%s", async (_, args, happened, remedy) => {
    const port = await other(...args);
    const said = await refusal(open(`redis://127.0.0.1:${port}`).storage.commit(ADD));
    expect(said).toContain(happened);
    expect(said).toContain(remedy);
  });

  test("a Sentinel's port", async () => {
    const dir = await mkdtemp(join(tmpdir(), "chouette-sentinel-"));
    later(() => rm(dir, { recursive: true }));
    await Bun.write(join(dir, "sentinel.conf"), "");
    const port = await other(join(dir, "sentinel.conf"), "--sentinel");
    for (const url of [`redis://127.0.0.1:${port}`, `redis://127.0.0.1:${port}/1`])
      expect(await refusal(open(url).storage.commit(ADD))).toContain("SENTINEL MASTERS");
  });

  test.each([
    ["DENIED Redis is running in protected mode because …", "protected mode", "requirepass"],
    ["ERR max number of clients reached", "connections", "maxclients"],
  ])("%s, sent before the connection is closed", async (line, happened, remedy) => {
    const listener = createServer((socket) => socket.on("error", () => {}).end(`-${line}\r\n`));
    listener.listen(0, "127.0.0.1");
    await once(listener, "listening");
    later(() => listener.close());
    const { port } = listener.address() as { port: number };
    const said = await refusal(open(`redis://127.0.0.1:${port}`).storage.commit(ADD));
    expect(said).toContain(happened);
    expect(said).toContain(remedy);
  });
});

test("200 records with keys of 1 MB are read a few at a time, and expire", async () => {
  const redis = await server();
  await redis.cli(
    "EVAL",
    `for i = 1, 200 do
       local key = string.format('%03d', i) .. string.rep('x', 1000000)
       redis.call('ZADD', KEYS[1], i, key)
       redis.call('HSET', KEYS[2], key, '1')
     end`,
    "2",
    `${RAW}.keys`,
    `${RAW}.values`,
  );
  await redis.cli("CONFIG", "SET", "maxmemory", "2gb");
  const { storage } = open(redis.url);
  const peeked = await storage.peek(RAW, { limit: 10_000, maxBytes: 8_000_000, maxBody: 1_000_000 });
  expect(peeked.map(({ key }) => key.slice(0, 4))).toEqual(["001x", "002x", "003x"]);
  expect(await storage.expire(RAW, 201, "expired")).toBe(200);
  expect((await storage.size(RAW)).count).toBe(0);
}, 30_000);
