import { afterAll, afterEach, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { StatsD } from "hot-shots";
import { Redis } from "ioredis";
import { startVictoriaMetrics, type VictoriaMetrics } from "../../scripts/servers/victoria-metrics.ts";
import { startAgent } from "../helpers/agent.ts";
import { freeUdpPort } from "../helpers/free-port.ts";
import { rawRecord, sqliteQueues } from "../helpers/queues.ts";
import { cleanUp, setUp } from "./stage.ts";

setDefaultTimeout(60_000);

let server: VictoriaMetrics;
beforeAll(async () => {
  server = await startVictoriaMetrics();
});
afterEach(cleanUp);
afterAll(() => server.stop());

test("what applications sent in each of the ways is in VictoriaMetrics, through kills and restarts of the agent", async () => {
  const stage = await setUp(sqliteQueues);
  const [port, path] = [await freeUdpPort(), join(stage.queues.dir, "redis.sock")];
  const more = {
    DATADOG_URL: server.intakeUrl,
    DOGSTATSD: "true",
    DOGSTATSD_PORT: `${port}`,
    REDIS_LISTEN: path,
  };
  const start = async () => {
    const agent = await startAgent(["run"], { ...stage.env, ...more });
    await agent.logged("applications can write as to Redis");
    return agent;
  };
  const totals = async () => {
    const series = await server.exported('{__name__=~"app\\\\..*"}');
    const sums = series.map(({ labels, samples }) => [
      labels.__name__,
      samples.reduce((sum, [, value]) => sum + value, 0),
    ]);
    return Object.fromEntries(sums) as Record<string, number>;
  };
  const times = (rounds: number) => ({
    "app.door": 2 * rounds,
    "app.python": 5 * rounds,
    "app.uploads": 300 * rounds,
  });
  let rounds = 0;
  const sendRound = async () => {
    const shell = spawnSync("bash", [
      "-c",
      `for n in 1 2; do echo "app.door:1|c" > /dev/udp/127.0.0.1/${port}; done`,
    ]);
    expect(shell.status).toBe(0);
    const client = new StatsD({ host: "127.0.0.1", port });
    for (let turn = 0; turn < 100; turn++) client.increment("app.uploads", 3);
    await new Promise((done) => client.close(done));
    const redis = new Redis({ path });
    const { key, at, body } = rawRecord({
      metric: "app.python",
      type: "count",
      value: 5,
      timestamp: Date.now() / 1000,
      tags: {},
    });
    const queue = "chouette:metrics:raw";
    await redis
      .multi()
      .zadd(`${queue}.keys`, at, key)
      .hset(`${queue}.values`, key, body ?? "")
      .exec();
    redis.disconnect();
    rounds++;
  };
  const delivered = async () => {
    while (!Bun.deepEquals(await totals(), times(rounds)));
  };

  // A killed agent loses the open window at most, so that each kill waits until nothing is in one.
  for (const signal of ["SIGKILL", "SIGTERM", "SIGKILL"] as const) {
    const agent = await start();
    await sendRound();
    if (signal === "SIGKILL") await delivered();
    agent.kill(signal);
    await agent.ended;
  }
  expect(await totals()).toEqual(times(3));
});
