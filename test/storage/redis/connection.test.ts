import { afterEach, describe, expect, test } from "bun:test";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { wasmBundle } from "../../helpers/wasm-bundle.ts";
import { ALL, RAW } from "../rig.ts";
import { ADD, cleanUp, later, open, proxy, refusal, server } from "./rig.ts";

afterEach(cleanUp);

describe("Redis goes down and comes back", () => {
  test("absent at start: operations reject, it is tried again, and both are reported once", async () => {
    const redis = await server();
    await redis.kill();
    const { storage, next, told } = open(redis.url);
    const down = notRunning(redis.url);
    expect(await refusal(storage.commit(ADD))).toEqual(down);
    expect(await refusal(storage.peek(RAW, ALL))).toEqual(down);
    expect(await next()).toEqual([false, down]);
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

  test("killed: who asks at that moment hears what the first try to get it back has shown", async () => {
    const redis = await server();
    const { storage } = open(redis.url);
    const gone = notRunning(redis.url);
    await storage.commit(ADD);
    await redis.kill();
    expect(await refusal(storage.peek(RAW, ALL))).toEqual(gone);
    expect(await refusal(storage.peek(RAW, ALL))).toEqual(gone);
  });

  test("killed while a call is under way: that call too, and one that comes before the first try", async () => {
    const redis = await server();
    const { storage, next } = open(redis.url);
    const gone = notRunning(redis.url);
    await storage.commit(ADD);
    redis.freeze();
    const call = refusal(storage.peek(RAW, ALL));
    await redis.kill();
    expect((await next())[0]).toBe(false);
    expect(await refusal(storage.size(RAW))).toEqual(gone);
    expect(await call).toEqual(gone);
  });

  test("nothing is reported while Redis works", async () => {
    const redis = await server();
    const { storage, told } = open(redis.url);
    await storage.commit(ADD);
    await storage.close();
    expect(told()).toBe(0);
  });

  test("closing ends the attempts to connect", async () => {
    const { storage, next } = open("unix:///nowhere/redis.sock");
    expect((await next())[0]).toBe(false);
    await storage.close();
    expect(await refusal(storage.note("n"))).toBe("The storage is closed.");
  });

  test("a pending call rejects when the storage is closed", async () => {
    const redis = await server();
    const { storage } = open(redis.url);
    await storage.note("n");
    redis.freeze();
    const call = refusal(storage.note("n"));
    await storage.close();
    expect(await call).toBe("The storage is closed.");
  });

  test("a lost answer rejects the commit, which took effect and is not repeated", async () => {
    const redis = await server();
    const { port, cutNextAnswer } = await proxy(redis.socket);
    const { storage, next } = open(`redis://127.0.0.1:${port}`);
    await storage.commit({ notes: { n: "" } });
    await redis.cli("CONFIG", "RESETSTAT");
    cutNextAnswer();
    const message = await refusal(storage.commit(ADD));
    expect(message).toStartWith(`Redis at redis://127.0.0.1:${port} closed the connection`);
    expect(await next()).toEqual([false, message]);
    expect(await next()).toEqual([true, ""]);
    expect((await storage.size(RAW)).count).toBe(1);
    expect(await redis.cli("INFO", "commandstats")).toContain("cmdstat_evalsha:calls=2,");
  });

  test("a Redis that stops answering makes the call reject, and is tried again", async () => {
    const redis = await server();
    const { storage, next } = open(redis.url);
    await storage.commit(ADD);
    redis.freeze();
    const message = await refusal(storage.peek(RAW, ALL));
    expect(message).toStartWith(`Redis at ${redis.url} does not answer`);
    expect(message).toContain("redis-cli --latency");
    expect(await next()).toEqual([false, message]);
    redis.thaw();
    expect(await next()).toEqual([true, ""]);
    expect((await storage.peek(RAW, ALL)).length).toBe(1);
  }, 20_000);

  test("a server that accepts the connection and never answers", async () => {
    const silent = createServer().listen(0, "127.0.0.1");
    await once(silent, "listening");
    later(() => silent.close());
    const { port } = silent.address() as { port: number };
    const { storage } = open(`redis://127.0.0.1:${port}`);
    expect(await refusal(storage.note("n"))).toBe(
      `Redis at redis://127.0.0.1:${port} takes the connection but does not answer. Look: redis-cli PING.`,
    );
  }, 20_000);
});

describe("TLS", () => {
  test("a certificate is checked; SSL_CERT_FILE names a custom authority", async () => {
    const dir = await mkdtemp(join(tmpdir(), "chouette-tls-"));
    later(() => rm(dir, { recursive: true }));
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

    expect(await refusal(open(url).storage.note("name"))).toMatch(/certificate.*SSL_CERT_FILE=/);
    const program = join(import.meta.dir, "../programs/read-note.ts");
    for (const runtime of [
      [process.execPath, program],
      ["node", await wasmBundle(program, "esm")],
    ]) {
      const { stdout } = await promisify(execFile)(runtime[0] ?? "", [...runtime.slice(1), url, cert]);
      expect(stdout).toBe("through TLS\n");
    }
  }, 20_000);
});

/** The message for a Redis that is not running: its address and the command to type. */
function notRunning(url: string): string {
  return expect.stringMatching(
    new RegExp(`^Redis at ${url} is not running.* sudo systemctl start redis-server`),
  );
}
