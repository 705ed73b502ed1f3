import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { runAgent } from "../helpers/agent.ts";
import { rawRecord, sqliteQueues } from "../helpers/queues.ts";
import { cleanUp, type Stage, setUp } from "./stage.ts";

setDefaultTimeout(30_000);

const RAW = "chouette:metrics:raw";
const LOGS = "chouette:logs:wrapped";

let stage: Stage;
beforeEach(async () => {
  stage = await setUp(sqliteQueues);
});
afterEach(cleanUp);

describe("--json prints one document with the promised fields", () => {
  /** The document that is all of standard output. */
  async function json(words: readonly string[], more: Record<string, string> = {}) {
    const { code, stdout, stderr } = await runAgent([...words, "--json"], { ...stage.env, ...more });
    expect(stdout).toMatch(/^\{.*\}\n$/);
    return { code, stderr, document: JSON.parse(stdout) };
  }
  const number = expect.any(Number);
  const text = expect.any(String);

  test("test-plugins", async () => {
    const { code, document } = await json(["test-plugins", "host"], { COLLECT_PLUGINS: "host" });
    const [plugin, ...others] = document.plugins;
    expect([code, others]).toEqual([0, []]);
    const { points, ...rest } = plugin;
    expect(rest).toMatchObject({ name: "host", ok: true, configured: true, duration_ms: number });
    expect([rest.reason, rest.remedy]).toEqual([null, null]);
    expect(points.length).toBeGreaterThan(4);
    for (const point of points) {
      expect(point).toEqual({
        metric: text,
        type: "gauge",
        value: number,
        tags: expect.any(Array),
        timestamp: number,
      });
      expect([point.metric.startsWith("Chouette.host."), Number.isInteger(point.timestamp)]).toEqual([
        true,
        true,
      ]);
      expect(Date.now() / 1000 - point.timestamp).toBeWithin(0, 30);
    }
  });

  test("test-plugins, for an absent plugin and one that fails", async () => {
    const absent = await json(["test-plugins", "tegrastats"], { TEGRASTATS_PATH: "/nowhere/tegrastats" });
    expect([absent.code, absent.document.plugins[0]]).toEqual([
      0,
      {
        name: "tegrastats",
        ok: true,
        configured: false,
        duration_ms: number,
        points: [],
        reason: text,
        remedy: expect.anything(),
      },
    ]);
    const failed = await json(["test-plugins", "exec:exit 3"]);
    expect([failed.code, failed.document.plugins[0]]).toEqual([
      1,
      {
        name: expect.stringContaining("exec:"),
        ok: false,
        configured: false,
        duration_ms: number,
        points: [],
        reason: text,
        remedy: text,
      },
    ]);
  });

  test("inspect-queue", async () => {
    const timestamp = Date.now() / 1000 - 20;
    const metric = rawRecord({ metric: "my.count", type: "count", value: 1, timestamp, tags: {} });
    await stage.queues.write(RAW, [metric, { ...metric, key: "k", body: "no JSON" }]);
    const { code, stderr, document } = await json(["inspect-queue", "raw", "logs"], { METRIC_TTL: "21" });
    expect([code, stderr]).toEqual([0, ""]);
    expect(document.storage).toEqual({ type: "sqlite", where: `${stage.queues.dir}/state/chouette.db` });
    expect(document.last_delivery).toBeNull();
    const shape = {
      queue: text,
      count: 0,
      bytes: 0,
      oldest_age_s: null,
      newest_age_s: null,
      expiring: 0,
      malformed: 0,
      top: [],
    };
    const [raw, ...rest] = document.queues;
    expect(raw.oldest_age_s).toBeWithin(20, 25);
    expect(raw).toMatchObject({
      ...shape,
      queue: RAW,
      count: 2,
      bytes: metric.body.length + 7,
      oldest_age_s: number,
      newest_age_s: number,
      expiring: 2,
      malformed: 1,
      top: [{ name: "my.count", count: 1 }],
    });
    expect(rest.map(({ queue }: { queue: string }) => queue)).toEqual([
      LOGS,
      `${RAW}:rejected`,
      `${LOGS}:rejected`,
    ]);
    for (const queue of rest) expect(queue).toMatchObject(shape);
  });

  test("flush: delivered, partial and failed", async () => {
    const at = Date.now() / 1000;
    const write = async () => {
      await stage.queues.write(RAW, [
        rawRecord({ metric: "my.count", type: "count", value: 1, timestamp: at, tags: {} }),
      ]);
      await stage.queues.write(LOGS, [{ key: "log", at, body: '{"message":"hello"}' }]);
    };
    const none = { expired: 0, too_old: 0, rejected: 0, malformed: 0 };
    const others = { distributions: 0, events: 0, checks: 0 };
    await write();
    stage.intake.respond(() => ({ status: 503 }));
    expect(await json(["flush", "--timeout", "1"])).toEqual({
      code: 1,
      stderr: "",
      document: {
        aggregated: { raw: 1, points: 1 },
        delivered: { metrics: 0, logs: 0, ...others, bytes: 0 },
        remaining: { metrics: 1, logs: 1, ...others },
        dropped: none,
        outcome: "failed",
        errors: [expect.stringMatching(new RegExp(`127\\.0\\.0\\.1:${stage.intake.port}.*503`))],
      },
    });
    stage.intake.respond(({ path }) => (path.includes("logs") ? { status: 503 } : undefined));
    const partial = await json(["flush", "--timeout", "1"]);
    expect([partial.code, partial.document]).toMatchObject([
      1,
      {
        aggregated: { raw: 0, points: 0 },
        delivered: { metrics: 1, logs: 0 },
        remaining: { metrics: 0, logs: 1 },
        outcome: "partial",
      },
    ]);
    stage.intake.respond(() => undefined);
    const { code, document } = await json(["flush"]);
    expect([code, document]).toEqual([
      0,
      {
        aggregated: { raw: 0, points: 0 },
        delivered: { metrics: 0, logs: 1, ...others, bytes: number },
        remaining: { metrics: 0, logs: 0, ...others },
        dropped: none,
        outcome: "delivered",
        errors: [],
      },
    ]);
    const inspected = await json(["inspect-queue"]);
    expect(inspected.document.last_delivery).toEqual({ at: number, outcome: "delivered", error: null });
  });
});
