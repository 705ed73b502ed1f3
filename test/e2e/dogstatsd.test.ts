import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { statSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { StatsD } from "hot-shots";
import { type Agent, runAgent, startAgent } from "../helpers/agent.ts";
import { freeUdpPort } from "../helpers/free-port.ts";
import { rawRecord, redisQueues, sqliteQueues } from "../helpers/queues.ts";
import { arrived, cleanUp, type Stage, setUp } from "./stage.ts";

setDefaultTimeout(30_000);
afterEach(cleanUp);

const READY = "applications can send DogStatsD";

async function start(
  more: Record<string, string> = {},
  words = ["run"],
  open: typeof sqliteQueues = sqliteQueues,
) {
  const stage = await setUp(open);
  const port = await freeUdpPort();
  const env = { ...stage.env, DOGSTATSD: "true", DOGSTATSD_PORT: `${port}`, ...more };
  const agent = await startAgent(words, env);
  await agent.logged(READY);
  return { stage, port, env, agent };
}

/** The sum of all points of a series. */
function total({ intake }: Stage, series: string): number {
  return [...(intake.series.get(series)?.values() ?? [])].reduce((sum, value) => sum + value, 0);
}

async function end(agent: Agent) {
  agent.kill("SIGTERM");
  const { code } = await agent.ended;
  expect(code).toBe(0);
}

function sent(client: StatsD): Promise<void> {
  return new Promise((resolve, reject) => client.close((error) => (error ? reject(error) : resolve())));
}

describe("an application", () => {
  test("sends through hot-shots by UDP and by a unix stream, and every total is exact", async () => {
    const socket = `/dev/shm/chouette-test-${crypto.randomUUID()}.sock`;
    const { stage, port, agent } = await start({ DOGSTATSD_STREAM_SOCKET: socket });
    const clients = [
      new StatsD({ host: "127.0.0.1", port }),
      new StatsD({ host: "127.0.0.1", port, maxBufferSize: 1000 }),
      new StatsD({ protocol: "stream", stream: connect(socket) }),
    ];
    for (const client of clients) {
      for (let turn = 0; turn < 100; turn++) client.increment("my.count", 3, ["way:any"]);
      client.gauge("my.gauge", 21.5);
      client.timing("my.timer", 320, 1);
      await sent(client);
    }
    await arrived(stage, agent, () => total(stage, "my.count|count|host:pi,way:any") >= 900);
    await end(agent);
    expect(total(stage, "my.count|count|host:pi,way:any")).toBe(900);
    expect(new Set(stage.intake.series.get("my.gauge|gauge|host:pi")?.values())).toEqual(new Set([21.5]));
    expect(new Set(stage.intake.series.get("my.timer.max|gauge|host:pi")?.values())).toEqual(new Set([320]));
    expect(statSync(socket, { throwIfNoEntry: false })).toBeUndefined();
  });

  test("sends from a shell, and what it sent last is not lost at SIGTERM", async () => {
    const { stage, port, agent } = await start({ AGGREGATE_INTERVAL: "3600", RELEASE_INTERVAL: "3600" });
    const shell = spawnSync("bash", ["-c", `echo "shell.door:1|c|#door:front" > /dev/udp/127.0.0.1/${port}`]);
    expect(shell.status).toBe(0);
    await end(agent);
    expect(total(stage, "shell.door|count|door:front,host:pi")).toBe(1);
  });

  test("and records in the queue count together", async () => {
    const { stage, port, agent } = await start();
    const timestamp = Date.now() / 1000;
    await stage.queues.write("chouette:metrics:raw", [
      rawRecord({ metric: "both", type: "count", value: 4, timestamp, tags: {} }),
    ]);
    const client = new StatsD({ host: "127.0.0.1", port });
    client.increment("both", 3);
    await sent(client);
    await arrived(stage, agent, () => total(stage, "both|count|host:pi") === 7);
    await end(agent);
    expect(total(stage, "both|count|host:pi")).toBe(7);
  });

  test("is joined by a command of exec: that prints histograms, sets and events", async () => {
    const command = "exec:echo 'job.duration:320:340|ms'; echo 'job.users:a|s'; echo '_e{4,2}:done|ok'";
    const { stage, agent } = await start({ COLLECT_PLUGINS: JSON.stringify([command]) });
    await arrived(stage, agent, () => stage.intake.series.has("job.users|count|host:pi"));
    await end(agent);
    expect([...(stage.intake.series.get("job.duration.max|gauge|host:pi")?.values() ?? [])]).toContain(340);
  });

  test("is printed by a dry run", async () => {
    const { port, agent } = await start({}, ["run", "--dry-run"]);
    const socket = createSocket("udp4");
    socket.send("dry.count:5|c\ndry.count:6|c", port, "127.0.0.1", () => socket.close());
    await agent.printed("dry.count");
    await end(agent);
    expect(agent.stdout()).toMatch(/dry\.count +count +11/);
  });
});

describe("a UDP port that is taken", () => {
  test("stops the agent when it was chosen, with its holder and what to type", async () => {
    const { port, env } = await start();
    const second = await startAgent(["run", "--dry-run"], env);
    const { code, stderr } = await second.ended;
    expect(code).toBe(1);
    expect(stderr).toContain(`UDP port ${port} is taken by chouette`);
    expect(stderr).toContain("DOGSTATSD_PORT=");
  });
});

describe("a unix datagram socket without systemd", () => {
  test("is refused at start with what to do", async () => {
    const { env } = await setUp(sqliteQueues);
    const agent = await startAgent(["run"], { ...env, DOGSTATSD: "true", DOGSTATSD_SOCKET: "/run/dsd.sock" });
    const { code, stderr } = await agent.ended;
    expect(code).toBe(2);
    expect(stderr).toContain("systemctl enable --now chouette-dogstatsd.socket");
  });
});

describe("beside a running agent", () => {
  const quiet = { AGGREGATE_INTERVAL: "3600", RELEASE_INTERVAL: "3600" };

  async function sendOnce(port: number) {
    const client = new StatsD({ host: "127.0.0.1", port });
    client.increment("my.count", 3);
    client.event("deployed", "version 2", { alert_type: "success" });
    client.check("door.up", client.CHECKS.OK);
    await sent(client);
  }

  test.each([
    ["the embedded storage", sqliteQueues],
    ["Redis and no state directory yet", redisQueues],
  ])("on %s flush has it close its open window, sends that, and says what it took", async (_, open) => {
    const { stage, port, env, agent } = await start(quiet, ["run"], open);
    await sendOnce(port);
    const { code, stdout } = await runAgent(["flush", "--json"], env);
    expect({ code, flushed: JSON.parse(stdout) }).toMatchObject({
      code: 0,
      flushed: { agent: { raw: 0, series: 1, points: 1 }, delivered: { metrics: 1, events: 1, checks: 1 } },
    });
    expect(total(stage, "my.count|count|host:pi")).toBe(3);
    await sendOnce(port);
    expect((await runAgent(["flush"], env)).stdout).toContain("closed 1 series in memory");
    await end(agent);
    expect(total(stage, "my.count|count|host:pi")).toBe(6);
  });

  test("inspect-queue shows what came in, and the last malformed line without what controls a terminal", async () => {
    const { port, env, agent } = await start(quiet);
    const socket = createSocket("udp4");
    await new Promise((done) => socket.send("a:1|c\nodd \u001b[2J line", port, "127.0.0.1", done));
    socket.close();
    const json = await runAgent(["inspect-queue", "--json"], env);
    expect(JSON.parse(json.stdout).dogstatsd).toMatchObject({
      listeners: [{ where: `UDP 127.0.0.1:${port}`, buffer_bytes: expect.any(Number) }],
      packets: 1,
      malformed: { metric: 1 },
      dropped: {},
    });
    const text = (await runAgent(["inspect-queue"], env)).stdout;
    expect(text).toContain("last malformed line: odd \\u001b[2J line");
    await end(agent);
  });
});

describe("what is in memory", () => {
  const quiet = { AGGREGATE_INTERVAL: "3600", RELEASE_INTERVAL: "3600" };

  async function increment(port: number, by: number) {
    const client = new StatsD({ host: "127.0.0.1", port });
    client.increment("my.count", by);
    await sent(client);
  }

  test("outlives a reload, and the sockets stay open meanwhile", async () => {
    const stage = await setUp(sqliteQueues);
    const port = await freeUdpPort();
    const env = { ...stage.env, ...quiet, DOGSTATSD_PORT: `${port}`, CHOUETTE_RUNTIME_DIR: "/dev/shm" };
    const path = join(stage.queues.dir, "chouette.env");
    const write = (more: Record<string, string>) =>
      writeFileSync(
        path,
        Object.entries({ ...env, ...more })
          .map(([name, value]) => `${name}=${value}\n`)
          .join(""),
      );
    write({});
    const agent = await startAgent(["run", "--env-file", path], {});
    await agent.logged(READY);
    await increment(port, 3);
    write({ GLOBAL_TAGS: "site:attic" });
    process.kill(agent.pid, "SIGHUP");
    await agent.logged("configuration reloaded");
    await increment(port, 4);
    await end(agent);
    expect(agent.stderr().split(READY)).toHaveLength(2);
    expect([total(stage, "my.count|count|host:pi,site:attic"), stage.intake.sumOf("my.count")]).toEqual([
      7, 7,
    ]);
  });

  test("is all that a killed agent loses", async () => {
    const { stage, port, env, agent } = await start();
    await increment(port, 3);
    await arrived(stage, agent, () => total(stage, "my.count|count|host:pi") === 3);
    agent.kill("SIGKILL");
    await agent.ended;
    const next = await startAgent(["run"], env);
    await next.logged(READY);
    await increment(port, 4);
    await arrived(stage, next, () => total(stage, "my.count|count|host:pi") === 7);
    await end(next);
    expect(total(stage, "my.count|count|host:pi")).toBe(7);
  });
});
