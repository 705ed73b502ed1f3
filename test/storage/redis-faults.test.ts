import { afterEach, describe, expect, test } from "bun:test";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Redis } from "ioredis";
import { StorageError } from "../../src/errors.ts";
import { openRedis } from "../../src/storage/redis.ts";
import type { Storage } from "../../src/storage/storage.ts";
import { startRedis } from "../helpers/redis-server.ts";
import { startTcpProxy } from "../helpers/tcp-proxy.ts";
import { ALL, record } from "./contract.ts";

const RAW = "chouette:metrics:raw";
const ADD = { add: [{ queue: RAW, records: [record("k", 1)] }] } as const;

const cleanup: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanup.splice(0).reverse()) await step();
});

async function server(...args: string[]) {
  const redis = await startRedis(args);
  cleanup.push(() => redis.stop());
  return redis;
}

async function proxy(...args: Parameters<typeof startTcpProxy>) {
  const started = await startTcpProxy(...args);
  cleanup.push(() => started.close());
  return started;
}

/** The storage, and the states it told of: `next` waits for one more. */
function open(url: string): {
  storage: Storage;
  next(): Promise<[up: boolean, error: string]>;
  told(): number;
} {
  const states: [boolean, string][] = [];
  const events = new EventTarget();
  let read = 0;
  const storage = openRedis(
    { url },
    {
      now: () => Date.now() / 1000,
      ownerIsGone: () => false,
      onState: (...state) => {
        states.push(state);
        events.dispatchEvent(new Event("state"));
      },
    },
  );
  cleanup.push(() => storage.close());
  return {
    storage,
    told: () => states.length,
    next: async () => {
      if (states.length === read) await once(events, "state");
      return states[read++] as [boolean, string];
    },
  };
}

/** The message that a call rejects with. */
async function refusal(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StorageError);
  return (error as StorageError).message;
}

describe("Redis comes and goes", () => {
  test("absent at start: operations reject, it is tried again, and both are told once", async () => {
    const redis = await server();
    await redis.kill();
    const { storage, next, told } = open(redis.url);
    const said = `Redis at ${redis.url} is not running there. Start it: sudo systemctl start redis-server; or correct REDIS_URL.`;
    expect(await refusal(storage.commit(ADD))).toBe(said);
    expect(await refusal(storage.peek(RAW, ALL))).toBe(said);
    expect(await next()).toEqual([false, said]);
    await redis.restart();
    expect(await next()).toEqual([true, ""]);
    await storage.commit(ADD);
    expect((await storage.size(RAW)).count).toBe(1);
    expect(told()).toBe(2);
  });

  test("killed and started again: records that were committed are still there", async () => {
    const redis = await server("--appendonly", "yes", "--appendfsync", "always");
    const { storage, next } = open(redis.url);
    await storage.commit(ADD);
    await redis.kill();
    expect((await next())[0]).toBe(false);
    expect(await refusal(storage.commit(ADD))).toStartWith(`Redis at ${redis.url} `);
    await redis.restart();
    expect(await next()).toEqual([true, ""]);
    expect(await storage.peek(RAW, ALL)).toEqual([{ key: "k", at: 1, body: '"k"', bytes: 3 }]);
  });

  test("nothing is told while all is well", async () => {
    const redis = await server();
    const { storage, told } = open(redis.url);
    await storage.commit(ADD);
    await storage.close();
    expect(told()).toBe(0);
  });

  test("closing while it is absent ends the tries", async () => {
    const { storage, next } = open("unix:///nowhere/redis.sock");
    expect((await next())[0]).toBe(false);
    await storage.close();
    expect(await refusal(storage.note("n"))).toBe("The storage is closed.");
  });

  test("a call under way when the storage is closed rejects", async () => {
    const redis = await server();
    const { storage } = open(redis.url);
    await storage.note("n");
    redis.freeze();
    const call = refusal(storage.note("n"));
    await storage.close();
    expect(await call).toBe("The storage is closed.");
  });

  test("an answer that is lost rejects the commit, which has happened and is not sent again", async () => {
    const redis = await server();
    const { port, cutNextAnswer } = await proxy(redis.socket);
    const { storage, next } = open(`redis://127.0.0.1:${port}`);
    await storage.commit({ notes: { n: "" } });
    await redis.cli("CONFIG", "RESETSTAT");
    cutNextAnswer();
    const said = await refusal(storage.commit(ADD));
    expect(said).toStartWith(`Redis at redis://127.0.0.1:${port} closed the connection.`);
    expect(await next()).toEqual([false, said]);
    expect(await next()).toEqual([true, ""]);
    expect((await storage.size(RAW)).count).toBe(1);
    expect(await redis.cli("INFO", "commandstats")).toContain("cmdstat_evalsha:calls=2,");
  });

  test("a Redis that stops answering: the call rejects, and it is tried again", async () => {
    const redis = await server();
    const { storage, next } = open(redis.url);
    await storage.commit(ADD);
    redis.freeze();
    const said = `Redis at ${redis.url} does not answer. Look whether it is overloaded: redis-cli --latency; redis-cli SLOWLOG GET.`;
    expect(await refusal(storage.peek(RAW, ALL))).toBe(said);
    expect(await next()).toEqual([false, said]);
    redis.thaw();
    expect(await next()).toEqual([true, ""]);
    expect((await storage.peek(RAW, ALL)).length).toBe(1);
  }, 20_000);

  test("something that takes the connection and never answers", async () => {
    const silent = createServer().listen(0, "127.0.0.1");
    await once(silent, "listening");
    cleanup.push(() => silent.close());
    const { port } = silent.address() as { port: number };
    const { storage } = open(`redis://127.0.0.1:${port}`);
    expect(await refusal(storage.note("n"))).toBe(
      `Redis at redis://127.0.0.1:${port} takes the connection but does not answer. Look: redis-cli PING.`,
    );
  }, 20_000);
});

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

  test("a wrong or missing password is told, and shown nowhere", async () => {
    const redis = await server("--requirepass", PASSWORD);
    const wrong = open(`${redis.url}?password=secret-but-wrong`);
    const said = `Redis at ${redis.url} refuses the user name or the password. Correct REDIS_URL: redis://user:password@host:6379.`;
    expect(await refusal(wrong.storage.commit(ADD))).toBe(said);
    expect(await wrong.next()).toEqual([false, said]);
    const missing = open(redis.url);
    expect(await refusal(missing.storage.commit(ADD))).toBe(
      `Redis at ${redis.url} wants a password. Put it into REDIS_URL: redis://:password@host:6379.`,
    );
  });

  test("a password for a Redis that wants none does no harm", async () => {
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
    expect(await refusal(open(`${redis.url}?username=partial&password=pw`).storage.commit(ADD))).toBe(
      `Redis at ${redis.url} does not allow this user what Chouette needs. Type: redis-cli ACL SETUSER <user> '~chouette:*' +@all.`,
    );
  });

  test("the database of the URL, and nothing where there is no such database", async () => {
    const redis = await server();
    await open(`${redis.url}?db=3`).storage.commit(ADD);
    expect(await redis.cli("INFO", "keyspace")).toMatch(/^# Keyspace\s+db3:keys=2,\S+$/);
    const { storage, next } = open(`${redis.url}?db=99`);
    const said = `Redis at ${redis.url}?db=99 does not have this database. It has those below: redis-cli CONFIG GET databases; correct REDIS_URL.`;
    expect(await refusal(storage.commit(ADD))).toBe(said);
    expect(await next()).toEqual([false, said]);
    expect(await redis.cli("INFO", "keyspace")).toMatch(/^# Keyspace\s+db3:keys=2,\S+$/);
  });
});

describe("a Redis that refuses", () => {
  test("a read-only replica", async () => {
    const redis = await server();
    await redis.cli("REPLICAOF", "127.0.0.1", "1");
    expect(await refusal(open(redis.url).storage.commit(ADD))).toBe(
      `Redis at ${redis.url} is a read-only replica. Let REDIS_URL name the primary: redis-cli INFO replication says where it is.`,
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
    expect(await refusal(storage.commit(more))).toBe(
      `Redis at ${redis.url} has used all the memory it may. Give it more: redis-cli CONFIG SET maxmemory 256mb; what uses it: redis-cli --bigkeys.`,
    );
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
    cleanup.push(() => first.disconnect());
    await first.config("SET", "maxclients", "1");
    const { storage, next } = open(redis.url);
    const said = `Redis at ${redis.url} closed the connection. It is tried again by itself; look why: journalctl -u redis-server; redis-cli CLIENT LIST.`;
    expect(await refusal(storage.commit(ADD))).toBe(said);
    expect(await next()).toEqual([false, said]);
    await first.config("SET", "maxclients", "100");
    expect(await next()).toEqual([true, ""]);
    await storage.commit(ADD);
  });
});

describe("TLS", () => {
  test("a certificate is checked; NODE_EXTRA_CA_CERTS names the authority of one's own", async () => {
    const dir = await mkdtemp(join(tmpdir(), "chouette-tls-"));
    cleanup.push(() => rm(dir, { recursive: true }));
    const [key, cert] = [join(dir, "key.pem"), join(dir, "cert.pem")];
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
    const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    await promisify(execFile)("openssl", [
      "req",
      "-x509",
      ...curve,
      ...subject,
      "-keyout",
      key,
      "-out",
      cert,
    ]);
    const redis = await server();
    await redis.cli("HSET", "chouette:notes", "name", "through TLS");
    const { port } = await proxy(redis.socket, { key: await readFile(key), cert: await readFile(cert) });
    const url = `rediss://localhost:${port}`;

    expect(await refusal(open(url).storage.note("name"))).toBe(
      `Redis at ${url} shows a TLS certificate that is not trusted. Name the file of its authority: NODE_EXTRA_CA_CERTS=/path/ca.pem.`,
    );
    const program = join(import.meta.dir, "programs/read-note.ts");
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: cert };
    const { stdout } = await promisify(execFile)(process.execPath, [program, url], { env });
    expect(stdout).toBe("through TLS\n");
  }, 20_000);
});
