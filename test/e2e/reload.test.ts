import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Agent, startAgent } from "../helpers/agent.ts";
import { type Queues, rawRecord, redisQueues, sqliteQueues } from "../helpers/queues.ts";
import { arrived, cleanUp, type Stage, setUp } from "./stage.ts";

/** The executable with an env file that changes while it runs. */
setDefaultTimeout(60_000);
afterEach(cleanUp);

/** A module whose every capture is one count, so that each must arrive. */
const COUNTER = `
let value = 0;
export default { async collect() { return [{ metric: "captures", value: ++value }]; } };
`;

/** A wrapper that finishes loading when a file of that name appears. */
const waitingFor = (dir: string, name: string) => `
import { existsSync, watch } from "node:fs";
await new Promise((done) => {
  const watcher = watch(${JSON.stringify(dir)}, () => {
    if (!existsSync(${JSON.stringify(join(dir, name))})) return;
    watcher.close();
    done();
  });
  console.error("loading");
});
export default () => [];
`;

let stage: Stage;
const file = () => join(stage.queues.dir, "chouette.env");
const write = (env: Readonly<Record<string, string>>) =>
  writeFileSync(
    file(),
    Object.entries({ ...stage.env, ...env })
      .map(([name, value]) => `${name}=${value}\n`)
      .join(""),
  );
const start = () => startAgent(["run", "--env-file", file()], {});
const hangUp = (agent: Agent) => process.kill(agent.pid, "SIGHUP");
const count = (metric: string, value: number) =>
  stage.queues.write("chouette:metrics:raw", [
    rawRecord({ metric, type: "count", value, timestamp: Date.now() / 1000, tags: {} }),
  ]);
const messages = (stderr: string) =>
  stderr
    .trim()
    .split("\n")
    .map((line): string => JSON.parse(line).msg);

describe.each<[string, () => Promise<Queues>]>([
  ["Redis", redisQueues],
  ["SQLite", sqliteQueues],
])("on %s", (_, open) => {
  beforeEach(async () => {
    stage = await setUp(open);
  });

  test("the configuration is reloaded again and again, and every count arrives once", async () => {
    const { intake } = stage;
    write({});
    const agent = await start();
    await agent.logged("starting");
    for (let round = 1; round <= 5; round++) {
      await count("my.count", round);
      write({ GLOBAL_TAGS: `round:${round}`, AGGREGATE_INTERVAL: String(1 + (round % 2)) });
      const taken = agent.next("configuration reloaded");
      hangUp(agent);
      await count("my.count", round);
      await taken;
      await count("tagged", 1);
      await arrived(stage, agent, () =>
        [...intake.series.keys()].some(
          (name) => name.startsWith("tagged|") && name.includes(`round:${round}`),
        ),
      );
    }
    await arrived(stage, agent, () => intake.sumOf("my.count") >= 30);
    agent.kill("SIGTERM");
    expect((await agent.ended).code).toBe(0);
    expect([intake.sumOf("my.count"), intake.conflicts]).toEqual([30, []]);
  });
});

describe("a reload with an invalid configuration", () => {
  beforeEach(async () => {
    stage = await setUp(sqliteQueues);
  });

  test("is rejected with all mistakes in one log line, and the agent keeps its configuration", async () => {
    write({});
    const agent = await start();
    await agent.logged("starting");
    write({ LOG_LEVEL: "loud", CAPTURE_INTERVAL: "soon", METRICS_WRAPPER: "none" });
    hangUp(agent);
    await agent.logged("reload rejected");
    await count("my.count", 7);
    await arrived(stage, agent, () => stage.intake.sumOf("my.count") === 7);
    agent.kill("SIGTERM");
    const { code, stderr } = await agent.ended;
    const refused = messages(stderr).filter((message) => message.includes("reload rejected"));
    expect([code, refused]).toEqual([
      0,
      [
        expect.stringMatching(
          /^reload rejected.*: CAPTURE_INTERVAL: got "soon", .*; METRICS_WRAPPER: got "none", .*; LOG_LEVEL: got "loud", .*$/,
        ),
      ],
    ]);
  });

  test.each([
    ["whose storage cannot be opened", { CHOUETTE_STATE_DIR: "/proc/nowhere" }, /\/proc\/nowhere/],
    [
      "whose wrapper cannot be loaded",
      { METRICS_WRAPPER: "/nowhere/wrapper.js" },
      /METRICS_WRAPPER: cannot load/,
    ],
  ])("%s is rejected too", async (_, env, words) => {
    write({});
    const agent = await start();
    await agent.logged("starting");
    write(env);
    hangUp(agent);
    await agent.logged("reload rejected");
    await count("my.count", 7);
    await arrived(stage, agent, () => stage.intake.sumOf("my.count") === 7);
    expect(agent.stderr()).toMatch(words);
  });
});

test("a reload to queues that another agent uses is rejected", async () => {
  stage = await setUp(sqliteQueues);
  const elsewhere = { CHOUETTE_STATE_DIR: join(stage.queues.dir, "elsewhere") };
  const other = await startAgent(["run"], { ...stage.env, ...elsewhere });
  await other.logged("starting");
  write({ COLLECT_PLUGINS: "host" });
  const agent = await start();
  await arrived(stage, agent, () => [...stage.intake.series.keys()].some((name) => name.includes(".host.")));
  write(elsewhere);
  hangUp(agent);
  await agent.logged("another chouette run (");
  await count("my.count", 7);
  await arrived(stage, agent, () => stage.intake.sumOf("my.count") === 7);
});

test("a reload to other queues first sends what is in the previous ones", async () => {
  stage = await setUp(sqliteQueues);
  write({ RELEASE_INTERVAL: "3600" });
  const agent = await start();
  await agent.logged("starting");
  await count("my.count", 7);
  write({ CHOUETTE_STATE_DIR: join(stage.queues.dir, "elsewhere") });
  hangUp(agent);
  await agent.logged("configuration reloaded");
  expect(stage.intake.sumOf("my.count")).toBe(7);
});

test("captures held in memory while Redis is down survive a reload", async () => {
  const queues = await redisQueues();
  stage = await setUp(async () => queues);
  const module = join(queues.dir, "counter.js");
  writeFileSync(module, COUNTER);
  write({ COLLECT_PLUGINS: module, LOG_LEVEL: "DEBUG" });
  await queues.server.kill();
  const agent = await start();
  for (let capture = 0; capture < 3; capture++) await agent.next('"msg":"captured"');
  const taken = agent.next("configuration reloaded");
  hangUp(agent);
  await taken;
  await agent.next('"msg":"captured"');
  await queues.server.restart();
  const values = () =>
    [...stage.intake.series].flatMap(([name, seconds]) =>
      name.startsWith("captures|") ? [...seconds.values()] : [],
    );
  const first = [1, 2, 3, 4, 5];
  await arrived(stage, agent, () => first.every((capture) => values().includes(capture)));
  expect(values().filter((capture) => capture <= 5)).toBeArrayOfSize(5);
});

test("SIGHUP during the start is handled once the agent has started", async () => {
  stage = await setUp(sqliteQueues);
  const { dir } = stage.queues;
  const module = join(dir, "wrapper.mjs");
  writeFileSync(module, waitingFor(dir, "ready"));
  write({ METRICS_WRAPPER: module });
  const agent = await start();
  await agent.logged("loading");
  hangUp(agent);
  writeFileSync(join(dir, "ready"), "");
  await agent.logged("configuration reloaded");
});

test("an agent stops without waiting for a reload in progress", async () => {
  stage = await setUp(sqliteQueues);
  write({});
  const agent = await start();
  await agent.logged("starting");
  await count("my.count", 7);
  const module = join(stage.queues.dir, "wrapper.mjs");
  writeFileSync(module, waitingFor(stage.queues.dir, "never"));
  write({ METRICS_WRAPPER: module });
  hangUp(agent);
  await agent.logged("loading");
  agent.kill("SIGTERM");
  expect((await agent.ended).code).toBe(0);
  expect(stage.intake.sumOf("my.count")).toBe(7);
});

test("SIGHUP ends an agent without an env file, as when its terminal is closed", async () => {
  stage = await setUp(sqliteQueues);
  const agent = await startAgent(["run"], stage.env);
  await agent.logged("starting");
  hangUp(agent);
  expect((await agent.ended).signal).toBe("SIGHUP");
});
