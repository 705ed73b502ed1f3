import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startIntake } from "../scripts/servers/intake.ts";
import type { Env } from "../src/config/variable.ts";
import { openSqlite } from "../src/storage/sqlite/sqlite.ts";
import { KEY } from "./config/load.ts";
import { callProgram } from "./helpers/call-program.ts";
import { pushRaw, recordsOf } from "./helpers/memory-storage.ts";

const folder = mkdtempSync(join(tmpdir(), "chouette-"));
afterAll(() => rmSync(folder, { recursive: true }));
const state = (name: string) => join(folder, name);
const fileOf = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

const call = (words: string, env: Env = {}, stop = new AbortController()) =>
  callProgram(words, env, folder, stop);

/** A database with one count that nobody has aggregated yet. */
async function queueWith(name: string, value: number) {
  mkdirSync(state(name));
  const now = () => Date.now() / 1000;
  const storage = openSqlite(join(state(name), "chouette.db"), {
    now,
    warn: () => {},
    fateOf: () => "unknown" as const,
  });
  await pushRaw(storage, { metric: "my.count", timestamp: now() - 30, value });
  return storage;
}

describe("mistakes are reported on standard error, standard output stays empty", () => {
  test.each([
    ["run", {}, 2, /\n {2}API_KEY: .*DD_API_KEY.*API_KEY_FILE.*\n$/],
    ["flush --json", {}, 2, /\n {2}API_KEY: .*DD_API_KEY.*API_KEY_FILE.*\n$/],
    [
      "inspect-queue",
      { LOG_LEVEL: "loud", CAPTURE_INTERVAL: "soon" },
      2,
      /\n {2}CAPTURE_INTERVAL: got "soon", .* 86400\n {2}LOG_LEVEL: got "loud", .*TRACE, .*, OFF\n$/,
    ],
    [
      "test-plugins --env-file /nowhere/chouette.env",
      {},
      2,
      /\n {2}--env-file \/nowhere\/chouette\.env: no such file\n$/,
    ],
    ["test-plugins hots", {}, 2, /^error: .*'hots'/],
    ["inspect-queue", { CHOUETTE_STATE_DIR: state("none") }, 1, /\/none\/chouette\.db/],
    [
      "run --dry-run",
      { METRICS_WRAPPER: "/nowhere/wrapper.js" },
      2,
      /METRICS_WRAPPER: cannot load \/nowhere\/wrapper\.js/,
    ],
  ])("%s with %p", async (words, env, code, sentence) => {
    const found = await call(words, env as Env);
    expect({ code: found.code, out: found.out }).toEqual({ code, out: "" });
    expect(found.err).toMatch(sentence);
  });
});

describe("--env-file", () => {
  test("names every line that cannot be read", async () => {
    const path = fileOf("broken.env", "HOST=a\nnonsense here=1\nGLOBAL_TAGS='open\n");
    expect(await call(`test-plugins --env-file ${path}`)).toEqual({
      code: 2,
      out: "",
      err: expect.stringMatching(
        /\n {2}.*broken\.env: line 2: .*\n {2}.*broken\.env: line 3: GLOBAL_TAGS: .*quote.*\n$/,
      ),
    });
  });

  test("is read, the environment wins over it, and a directory is rejected", async () => {
    const path = fileOf("good.env", `CHOUETTE_STATE_DIR=${state("from-file")}\nLOG_LEVEL=loud\n`);
    const { code, err } = await call(`inspect-queue --env-file ${path}`, { log_level: "ERROR" });
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining(state("from-file")) });
    expect((await call(`run --env-file ${folder}`)).err).toMatch(/--env-file \S+: .*directory/);
  });
});

describe("the four commands", () => {
  test("flush --dry-run shows what it would send and changes nothing", async () => {
    const storage = await queueWith("dry", 5);
    const env = { CHOUETTE_STATE_DIR: state("dry"), HOST: "pi4" };
    const { code, out, err } = await call("flush --dry-run", env);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(
      /^would send 1 point of 1 series \(\d+ B compressed\) to https:\/\/api\.datadoghq\.com\/api\/v1\/series$/m,
    );
    expect(out).toMatch(/ my\.count +count +5$/m);
    expect(out).toContain("dry run");

    const json = await call("flush --dry-run --json", env);
    expect(JSON.parse(json.out)).toMatchObject({ delivered: { metrics: 1 }, outcome: "delivered" });
    expect(json.err).toStartWith("would send 1 point");
    expect(await recordsOf(storage, "chouette:metrics:raw")).toHaveLength(1);
    await storage.close();
  });

  test("flush delivers, inspect-queue shows the outcome, and the key is in no output", async () => {
    const intake = await startIntake({ apiKey: KEY });
    const storage = await queueWith("flush", 7);
    const env = {
      API_KEY: KEY,
      CHOUETTE_STATE_DIR: state("flush"),
      DATADOG_URL: `${intake.url}/api`,
      DATADOG_LOGS_URL: intake.url,
      LOG_LEVEL: "DEBUG",
    };
    const flushed = await call("flush", env);
    const inspected = await call("inspect-queue --json", env);
    await intake.stop();
    expect({ code: flushed.code, err: flushed.err }).toEqual({ code: 0, err: "" });
    expect(flushed.out).toEndWith("everything was delivered\n");
    expect(intake.sumOf("my.count")).toBe(7);
    expect(JSON.parse(inspected.out)).toMatchObject({
      storage: { type: "sqlite", where: join(state("flush"), "chouette.db") },
      last_delivery: { outcome: "delivered", error: null },
    });
    expect([flushed, inspected].map(({ out, err }) => out + err).join("")).not.toContain(KEY);
    await storage.close();
  });

  test("run --dry-run needs no key and leaves no database", async () => {
    const stop = new AbortController();
    stop.abort();
    const { code, out, err } = await call(
      "run --dry-run",
      { CHOUETTE_STATE_DIR: state("untouched"), DOGSTATSD: "false" },
      stop,
    );
    expect({ code, out }).toEqual({ code: 0, out: "" });
    const lines = err
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.map(({ msg }) => msg)).toEqual([
      "chouette 1.2.3 starting",
      expect.stringMatching(/^COLLECT_PLUGINS .* chouette test-plugins/),
      expect.stringMatching(/dry run.* 60 s /),
      "chouette stopped",
    ]);
    expect(lines.filter(({ dryRun }) => dryRun !== true)).toEqual([]);
    expect(existsSync(state("untouched"))).toBe(false);
  });

  test("run is refused while another one uses the storage", async () => {
    const storage = await queueWith("taken", 1);
    await storage.acquire({ name: "agent:pi4", owner: "somebody" }, 300);
    const env = { API_KEY: KEY, CHOUETTE_STATE_DIR: state("taken"), LOG_LEVEL: "ERROR" };
    expect(await call("run", env)).toEqual({
      code: 1,
      out: "",
      err: expect.stringMatching(/^another chouette run \(somebody\) .*: sudo systemctl stop chouette\n$/),
    });
    await storage.close();
  });

  test("test-plugins", async () => {
    const { code, out, err } = await call("test-plugins --json host", { HOST_COLLECTOR_METRICS: "la" });
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(JSON.parse(out)).toMatchObject({
      plugins: [{ name: "host", ok: true, points: [{ metric: "Chouette.host.la", tags: ["period:1m"] }] }],
    });
  });

  test("secrets of the configuration are not in the log", async () => {
    const stop = new AbortController();
    stop.abort();
    const env = {
      API_KEY: KEY,
      REDIS_URL: "redis://me:hunter22@127.0.0.1:1/0",
      HTTPS_PROXY: "http://me:proxypass@127.0.0.1:1",
      LOG_LEVEL: "DEBUG",
    };
    const { err } = await call(
      "run",
      { ...env, CHOUETTE_STORAGE_TYPE: "sqlite", CHOUETTE_STATE_DIR: state("log") },
      stop,
    );
    expect(err).toContain("starting");
    for (const secret of [KEY, "hunter22", "proxypass"]) expect(err).not.toContain(secret);
  });
});
