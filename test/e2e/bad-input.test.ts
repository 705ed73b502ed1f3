import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { runAgent, startAgent } from "../helpers/agent.ts";
import { pythonJson, rawRecord, redisQueues } from "../helpers/queues.ts";
import { arrived, cleanUp, setUp } from "./stage.ts";

/** Bad records and keys, in a Redis that other programs write to. */
setDefaultTimeout(30_000);

const RAW = "chouette:metrics:raw";
const WRAPPED = "chouette:metrics:wrapped";
const LOGS = "chouette:logs:wrapped";

afterEach(cleanUp);

const now = () => Math.floor(Date.now() / 1000);

function rawBody(value: unknown, more = {}): string {
  return pythonJson({ metric: "my.count", type: "count", value, timestamp: now(), tags: {}, ...more });
}

/** Deeper than the stack of anything that walks it. */
const NESTED = `${"[".repeat(45_000)}${"]".repeat(45_000)}`;

function good(value: number) {
  return rawRecord({ metric: "my.count", type: "count", value, timestamp: now(), tags: {} });
}

function pointBody(points: unknown): string {
  return pythonJson({ metric: "old.gauge", tags: ["a:b"], points, type: "gauge" });
}

describe("malformed records", () => {
  test("are counted and kept for inspection, and everything else is delivered", async () => {
    const { queues, intake, env } = await setUp(redisQueues);
    const at = now();
    const write = (queue: typeof RAW | typeof WRAPPED | typeof LOGS, bodies: readonly string[]) =>
      queues.write(
        queue,
        bodies.map((body) => ({ key: crypto.randomUUID(), at, body })),
      );
    await write(RAW, [
      rawBody(1),
      rawBody(2),
      "",
      "no JSON",
      "[]",
      "null",
      rawBody(1).replace('"value": 1', '"value": NaN'),
      rawBody("3"),
      rawBody(4, { type: "speed" }),
      rawBody(5, { metric: "::" }),
      rawBody(6, { timestamp: at * 1000 }),
      rawBody(7, { timestamp: "now" }),
      `{"metric": "my.count", ${'"x": ['.repeat(50_000)}`,
      rawBody(8).replace("{}", NESTED),
      rawBody(9).replace('"count"', NESTED),
      rawBody([0], { type: "set" }).replace("[0]", `[${NESTED}]`),
      "[".repeat(900_000),
      rawBody("x".repeat(1_000_000)),
    ]);
    await write(WRAPPED, [
      pointBody([[at - 0.5, 8]]),
      "no JSON",
      pointBody([]),
      pointBody([[at, null]]),
      pointBody([["now", 1]]),
      "[".repeat(4_900_000),
    ]);
    await write(LOGS, [
      '{"message": "hello"}',
      '{"message": "infinite", "extra": Infinity}',
      "no JSON",
      "[]",
      '"text"',
      "[".repeat(4_900_000),
    ]);
    for (const queue of [RAW, WRAPPED, LOGS])
      await queues.application.zadd(`${queue}.keys`, at, "key without value");
    await queues.application.hset(`${RAW}.values`, "value without key", rawBody(10));
    await queues.application.hset(`${WRAPPED}.values`, "value without key", pointBody([[at, 20]]));
    await queues.application.hset(`${LOGS}.values`, "value without key", '{"message": "found"}');
    // A score that no clock gives.
    await queues.application
      .multi()
      .zadd(`${RAW}.keys`, "+inf", "inf")
      .hset(`${RAW}.values`, "inf", rawBody(100))
      .exec();

    const { code, stdout, stderr } = await runAgent(["flush", "--json"], env);
    expect(JSON.parse(stdout)).toMatchObject({
      aggregated: { raw: 4 },
      delivered: { logs: 3 },
      remaining: { metrics: 0, logs: 0 },
      dropped: { expired: 0, too_old: 0, rejected: 0, malformed: 17 + 6 + 5 },
      outcome: "delivered",
      errors: [],
    });
    expect(code).toBe(0);
    expect(stderr).toMatch(/chouette:metrics:raw: 1 .*key/);
    expect(intake.sumOf("my.count")).toBe(1 + 2 + 10 + 100);
    expect(intake.sumOf("old.gauge")).toBe(8 + 20);
    expect(intake.logs.map(({ message }) => message).sort()).toEqual(["found", "hello", "infinite"]);

    const inspected = JSON.parse((await runAgent(["inspect-queue", "--json"], env)).stdout);
    const counts = inspected.queues.map(({ queue, count }: { queue: string; count: number }) => [
      queue,
      count,
    ]);
    expect(Object.fromEntries(counts)).toMatchObject({
      [RAW]: 0,
      [WRAPPED]: 0,
      [LOGS]: 0,
      [`${RAW}:rejected`]: 17,
      [`${WRAPPED}:rejected`]: 6,
      [`${LOGS}:rejected`]: 5,
    });
  });

  test("are logged once by a running agent, which continues", async () => {
    const stage = await setUp(redisQueues);
    const agent = await startAgent(["run"], stage.env);
    const bad = Array.from({ length: 100 }, () => ({ key: crypto.randomUUID(), at: now(), body: "no JSON" }));
    await stage.queues.write(RAW, bad);
    await agent.logged("inspect-queue rejected");
    await stage.queues.write(RAW, bad);
    await stage.queues.write(RAW, [good(3)]);
    await arrived(stage, agent, () => stage.intake.sumOf("my.count") === 3);
    expect(agent.stderr().split("inspect-queue rejected")).toHaveLength(2);
  });
});

describe("keys of the wrong type", () => {
  const wrong: Record<string, "string" | "list" | "set" | "hash"> = {
    [`${RAW}.keys`]: "string",
    [`${RAW}.values`]: "list",
    [`${WRAPPED}.keys`]: "hash",
    [`${WRAPPED}.values`]: "string",
    [`${LOGS}.keys`]: "list",
    [`${LOGS}.values`]: "set",
    "chouette:stamps": "string",
    "chouette:notes": "list",
  };

  test("are renamed with their content, and the queues work", async () => {
    const stage = await setUp(redisQueues);
    const { queues, intake, env } = stage;
    const { application } = queues;
    for (const [key, type] of Object.entries(wrong)) {
      if (type === "string") await application.set(key, "precious");
      if (type === "list") await application.rpush(key, "precious");
      if (type === "set") await application.sadd(key, "precious");
      if (type === "hash") await application.hset(key, "precious", "1");
    }
    const agent = await startAgent(["run"], env);
    for (const [key, type] of Object.entries(wrong)) {
      await agent.logged(`${key}:wrongtype-`);
      const [aside = ""] = await application.keys(`${key}:wrongtype-*`);
      expect(await application.type(aside)).toBe(type);
    }
    await queues.write(RAW, [good(3)]);
    await queues.write(LOGS, [{ key: "log", at: now(), body: '{"message":"hello"}' }]);
    await arrived(stage, agent, () => intake.sumOf("my.count") === 3 && intake.logs.length === 1);
    agent.kill("SIGTERM");
    expect((await agent.ended).code).toBe(0);
  });

  test("of one queue do not keep the others from being sent", async () => {
    const stage = await setUp(redisQueues);
    const { queues, intake, env } = stage;
    // The key stays until the next repair, which follows only after AGGREGATE_INTERVAL.
    const agent = await startAgent(["run"], { ...env, AGGREGATE_INTERVAL: "1", RELEASE_INTERVAL: "2" });
    await agent.logged("starting");
    await queues.application.set(`${LOGS}.values`, "precious");
    await queues.write(RAW, [good(3)]);
    await arrived(stage, agent, () => intake.sumOf("my.count") === 3);
  });
});
