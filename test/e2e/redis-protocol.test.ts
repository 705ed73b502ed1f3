import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { Redis } from "ioredis";
import { createClient } from "redis";
import { type Agent, startAgent } from "../helpers/agent.ts";
import { rawRecord, sqliteQueues } from "../helpers/queues.ts";
import { arrived, cleanUp, type Stage, setUp } from "./stage.ts";

setDefaultTimeout(60_000);
afterEach(cleanUp);

const RAW = "chouette:metrics:raw";
const LOGS = "chouette:logs:wrapped";
const READY = "applications can write as to Redis";

async function start(more: Record<string, string> = {}, words = ["run"]) {
  const stage = await setUp(sqliteQueues);
  const path = `${stage.queues.dir}/redis.sock`;
  const env = { ...stage.env, REDIS_LISTEN: path, ...more };
  const agent = await startAgent(words, env);
  await agent.logged(READY);
  return { stage, path, env, agent };
}

const counted = (value: number) => {
  const timestamp = Date.now() / 1000;
  return rawRecord({ metric: "my.count", type: "count", value, timestamp, tags: {} });
};

async function run(command: string, args: readonly string[], input = "") {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  let stdout = "";
  child.stdout.on("data", (text) => {
    stdout += text;
  });
  child.stdin.end(input);
  const [code] = await once(child, "close");
  return { code, stdout };
}

async function delivered({ intake }: Stage, agent: Agent, total: number): Promise<void> {
  await arrived({ intake } as Stage, agent, () => intake.sumOf("my.count") >= total);
  agent.kill("SIGTERM");
  expect((await agent.ended).code).toBe(0);
  expect(intake.sumOf("my.count")).toBe(total);
}

/** What chouette-iot-client does for each metric, on Debian's python3-redis. */
const PYTHON = `
import json, redis, sys, time, uuid
r = redis.Redis(unix_socket_path=sys.argv[1], password=sys.argv[2] or None)
for value in range(1, 101):
    pipeline = r.pipeline()
    key = str(uuid.uuid4())
    now = time.time()
    pipeline.zadd("chouette:metrics:raw.keys", {key: now})
    body = {"metric": "my.count", "type": "count", "value": value, "timestamp": now, "tags": {"ok": True}}
    pipeline.hset("chouette:metrics:raw.values", key, json.dumps(body))
    assert pipeline.execute() == [1, 1]
`;

describe("without a Redis, an application that knows only Redis", () => {
  test("writes through ioredis, which asks in the third version of the protocol", async () => {
    const { stage, path, agent } = await start();
    const client = new Redis({ path, connectionName: "camera" });
    for (let turn = 0; turn < 50; turn++) {
      const { key, at, body } = counted(2);
      expect(
        await client.multi().zadd(`${RAW}.keys`, at, key).hset(`${RAW}.values`, key, body).exec(),
      ).toEqual([
        [null, 1],
        [null, 1],
      ]);
    }
    expect(await client.get("other").catch((error: Error) => error.message)).toBe(
      "ERR unknown command 'get', with args beginning with: 'other' ",
    );
    await client.quit();
    await delivered(stage, agent, 100);
  });

  test("writes through node-redis with a password, metrics and logs", async () => {
    const { stage, path, agent } = await start({ REDIS_LISTEN_PASSWORD: "a-secret" });
    const client = createClient({ socket: { path, tls: false }, password: "a-secret" });
    client.on("error", () => {});
    await client.connect();
    const { key, at, body } = counted(7);
    await client
      .multi()
      .zAdd(`${RAW}.keys`, { score: at, value: key })
      .hSet(`${RAW}.values`, key, body)
      .zAdd(`${LOGS}.keys`, { score: at, value: key })
      .hSet(`${LOGS}.values`, key, '{"message":"hello"}')
      .exec();
    await client.close();
    const stranger = createClient({
      socket: { path, tls: false, reconnectStrategy: false },
      password: "a-guess",
    });
    stranger.on("error", () => {});
    expect(await stranger.connect().catch((error: Error) => error.message)).toMatch(/WRONGPASS/);
    await arrived(stage, agent, () => stage.intake.logs.length > 0);
    expect(stage.intake.logs.map(({ message }) => message)).toEqual(["hello"]);
    await delivered(stage, agent, 7);
    expect(agent.stderr()).not.toContain("a-secret");
  });

  test("writes from a shell with redis-cli", async () => {
    const { stage, path, agent } = await start();
    const { key, at, body } = counted(3);
    const lines = [`ZADD ${RAW}.keys ${at} ${key}`, `HSET ${RAW}.values ${key} '${body}'`];
    const { code, stdout } = await run("redis-cli", ["-s", path], `MULTI\n${lines.join("\n")}\nEXEC\n`);
    expect([code, stdout.split("\n").filter(Boolean)]).toEqual([0, ["OK", "QUEUED", "QUEUED", "1", "1"]]);
    await delivered(stage, agent, 3);
  });

  test("is printed by a dry run", async () => {
    const { path, agent } = await start({}, ["run", "--dry-run"]);
    expect(await run("/usr/bin/python3", ["-", path, ""], PYTHON)).toEqual({ code: 0, stdout: "" });
    await agent.printed("my.count");
    agent.kill("SIGTERM");
    const { stdout } = await agent.ended;
    const values = [...stdout.matchAll(/my\.count +count +(\d+) +ok:True/g)].map(([, value]) =>
      Number(value),
    );
    expect(values.reduce((sum, value) => sum + value, 0)).toBe(5050);
  });
});

test("what was answered is delivered though the agent is killed again and again", async () => {
  const { stage, path, env, agent: first } = await start();
  let agent = first;
  let answered = 0;
  let unknown = 0;
  for (let round = 0; round < 4; round++) {
    const client = new Redis({ path, retryStrategy: () => null, maxRetriesPerRequest: 0 });
    client.on("error", () => {});
    const enough = answered + 200;
    for (;;) {
      const { key, at, body } = counted(1);
      const written = client.multi().zadd(`${RAW}.keys`, at, key).hset(`${RAW}.values`, key, body).exec();
      if (answered === enough) agent.kill("SIGKILL");
      const replies = await written.catch(() => undefined);
      if (replies === undefined) break;
      answered++;
    }
    unknown++;
    client.disconnect();
    await agent.ended;
    agent = await startAgent(["run"], env);
    await agent.logged(READY);
  }
  await arrived(stage, agent, () => stage.intake.sumOf("my.count") >= answered);
  agent.kill("SIGTERM");
  await agent.ended;
  const total = stage.intake.sumOf("my.count");
  expect(total).toBeGreaterThanOrEqual(answered);
  expect(total).toBeLessThanOrEqual(answered + unknown);
  expect(stage.intake.conflicts).toEqual([]);
});

describe("a place that cannot be used stops the agent", () => {
  test("with its variable, beside Redis", async () => {
    const stage = await setUp(sqliteQueues);
    const agent = await startAgent(["run"], {
      ...stage.env,
      REDIS_LISTEN: "127.0.0.1:6379",
      REDIS_HOST: "redis",
    });
    expect(await agent.ended).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("REDIS_LISTEN: the queues are in Redis"),
    });
  });

  test("with who holds it, when it is taken", async () => {
    const { env } = await start();
    const second = await startAgent(["run", "--dry-run"], env);
    const { code, stderr } = await second.ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/REDIS_LISTEN: .*redis\.sock is taken by another process/);
  });
});
