import { afterAll, afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { json, startDockerEngine } from "../../scripts/servers/docker-engine.ts";
import { createPki, startFakeKubelet } from "../../scripts/servers/fake-kubelet.ts";
import { judge } from "../../scripts/servers/intake-rules.ts";
import { runAgent, startAgent } from "../helpers/agent.ts";
import { redisQueues } from "../helpers/queues.ts";
import { startTcpProxy, type TcpProxy } from "../helpers/tcp-proxy.ts";
import { AT, LOGS, RAW, WRAPPED } from "./left-by-python.ts";
import { cleanUp, KEY, type Stage, setUp } from "./stage.ts";

/**
 * The agent on the environment and the queues of the Python agent. The variables are from github.com/akatashev/chouette-iot,
 * docs/DEPLOYMENT_EXAMPLES.md, docs/COLLECTOR_PLUGINS.md and chouette_iot/configuration.py.
 */
setDefaultTimeout(30_000);

const pki = createPki();
const proxies: TcpProxy[] = [];
afterEach(async () => {
  await cleanUp();
  for (const proxy of proxies.splice(0)) proxy.close();
});
afterAll(() => pki[Symbol.dispose]());

type Migrated = Stage<Awaited<ReturnType<typeof redisQueues>>> & { redis: Record<string, string> };

/** Starts a Redis with the queues of the Python agent, reachable by host and port. */
async function leaveBehind(): Promise<Migrated> {
  const stage = await setUp(() => redisQueues());
  await stage.queues.write("chouette:metrics:raw", RAW);
  await stage.queues.write("chouette:metrics:wrapped", WRAPPED);
  await stage.queues.write("chouette:logs:wrapped", LOGS);
  const proxy = await startTcpProxy(stage.queues.server.socket);
  proxies.push(proxy);
  return { ...stage, redis: { REDIS_HOST: "127.0.0.1", REDIS_PORT: String(proxy.port) } };
}

const GLOBAL_TAGS = '["host:nvidia-nano", "environment:Development"]';
const TAGS = "environment:Development,host:nano-1,host:nvidia-nano";

/** Every point that was sent, repeats included: `door.opened|count|…,zone:a`, its second from AT, its value. */
function sent({ intake }: Migrated): [series: string, second: number, value: number][] {
  return intake.requests
    .flatMap((request) => judge(request, KEY).points ?? [])
    .map(({ identity, timestamp, value }): [string, number, number] => [identity, timestamp - AT, value])
    .sort();
}

/** An expected point with the global tags and the host, its tags sorted. */
function point(name: string, type: string, tags: string, second: number, value: number) {
  const all = [...TAGS.split(","), ...tags.split(",").filter((tag) => tag !== "")].sort();
  return [`${name}|${type}|${all.join(",")}`, second, value] as [string, number, number];
}

const OF_WRAPPED = [
  point("door.opened", "count", "zone:a", -30, 7),
  point("Chouette.host.la", "gauge", "period:1m", -29, 0.25),
  point("Chouette.host.la", "gauge", "period:1m", 1, 0.5),
  point("Chouette.k8s.pods.running", "gauge", "", -28, 17),
  point("job.time.count", "rate", "", -26, 0.3),
];

async function expectNothingLeft({ queues }: Migrated): Promise<void> {
  for (const queue of ["metrics:raw", "metrics:wrapped", "logs:wrapped"])
    for (const half of ["keys", "values"])
      expect(await queues.application.exists(`chouette:${queue}.${half}`)).toBe(0);
}

describe("everything the Python agent left is delivered once", () => {
  test("by run, with every variable of its documentation", async () => {
    const stage = await leaveBehind();
    await using kubelet = await startFakeKubelet(pki, {
      summary: { node: { nodeName: "nano", fs: { inodesFree: 7 } }, pods: [] },
    });
    await using docker = await startDockerEngine({ "/containers/json": json(200, []) });
    const agent = await startAgent(["run"], {
      ...stage.redis,
      API_KEY: KEY,
      GLOBAL_TAGS,
      COLLECTOR_PLUGINS: '["k8s", "host", "tegrastats", "docker", "dramatiq"]',
      AGGREGATE_INTERVAL: "10",
      CAPTURE_INTERVAL: "30",
      RELEASE_INTERVAL: "60",
      DATADOG_URL: `${stage.intake.url}/api`,
      DATADOG_LOGS_URL: stage.intake.url,
      HOST: "nano-1",
      LOG_LEVEL: "DEBUG",
      LOG_TTL: "64800",
      METRIC_TTL: "14400",
      METRICS_BULK_SIZE: "10000",
      METRICS_WRAPPER: "datadog",
      SEND_SELF_METRICS: "False",
      CHOUETTE_STORAGE_TYPE: "redis",
      HISTOGRAM_AGGREGATES: '["max", "median", "avg", "count"]',
      HISTOGRAM_PERCENTILES: "[0.95]",
      HOST_COLLECT_METRICS: '["cpu", "fs", "la", "ram"]',
      TEGRASTATS_PATH: join(import.meta.dir, "../fixtures/tegrastats-programs/early"),
      TEGRASTATS_METRICS: '["ram"]',
      DOCKER_SOCKET_PATH: docker.socketPath,
      K8S_STATS_SERVICE_IP: "127.0.0.1",
      K8S_STATS_SERVICE_PORT: String(kubelet.port),
      K8S_CERT_PATH: pki.path("client.crt"),
      K8S_KEY_PATH: pki.path("client.key"),
      K8S_METRICS: '{"pods": ["memory", "cpu"], "node": ["inodes"]}',
    });
    for (const plugin of ["k8s", "host", "tegrastats", "docker", "dramatiq"])
      await agent.logged(`"msg":"captured","plugin":"${plugin}"`);
    agent.kill("SIGTERM");
    expect((await agent.ended).code).toBe(0);

    const [captured, left] = [
      sent(stage).filter(([, second]) => second > 60),
      sent(stage).filter(([, second]) => second < 60),
    ];
    expect(left).toEqual(
      [
        ...OF_WRAPPED,
        point("door.opened", "count", "zone:a", 0, 3),
        point("door.opened", "count", "zone:a", 10, 4),
        point("room.temperature", "gauge", "dark:True,floor:1", 0, 21.5),
        point("net.packets", "rate", "", 0, 3),
        point("users", "count", "", 0, 3),
        point("job.time.max", "gauge", "", 0, 4),
        point("job.time.median", "gauge", "", 0, 2.5),
        point("job.time.avg", "gauge", "", 0, 2.5),
        point("job.time.95percentile", "gauge", "", 0, 3.8499999999999996),
        point("job.time.count", "rate", "", 0, 0.4),
      ].sort(),
    );
    expect(new Set(captured.map(([series]) => series.replace(/\|.*/, "")))).toEqual(
      new Set([
        "Chouette.k8s.node.fs.inodesFree",
        "Chouette.k8s.pods.running",
        "Chouette.host.cpu.percentage",
        "Chouette.host.fs.free",
        "Chouette.host.fs.used",
        "Chouette.host.la",
        "Chouette.host.memory.available",
        "Chouette.host.memory.used",
        "Chouette.tegrastats.ram.free",
        "Chouette.tegrastats.ram.used",
      ]),
    );
    expect(stage.intake.logs).toEqual([
      {
        ...JSON.parse(LOGS[0]?.body ?? ""),
        ddtags: "a:b,environment:Development,host:nvidia-nano",
        hostname: "nano-1",
        status: "info",
      },
      {
        ...JSON.parse(LOGS[1]?.body ?? ""),
        ddtags: "environment:Development,host:nvidia-nano",
        hostname: "nano-1",
        status: "error",
      },
    ]);
    await expectNothingLeft(stage);
  });

  test("by flush, with lowercase variable names, the simple wrapper, and self-metrics", async () => {
    const stage = await leaveBehind();
    const { code } = await runAgent(["flush"], {
      redis_host: stage.redis.REDIS_HOST ?? "",
      redis_port: stage.redis.REDIS_PORT ?? "",
      api_key: KEY,
      global_tags: GLOBAL_TAGS,
      collector_plugins: "[]",
      datadog_url: `${stage.intake.url}/api/`,
      datadog_logs_url: `${stage.intake.url}/`,
      host: "nano-1",
      metrics_wrapper: "simple",
      send_self_metrics: "True",
    });
    expect(code).toBe(0);
    expect(sent(stage)).toEqual(
      [
        ...OF_WRAPPED,
        point("door.opened", "count", "zone:a", 0, 3),
        point("door.opened", "count", "zone:a", 10, 4),
        point("room.temperature", "gauge", "dark:True,floor:1", 0, 21.25),
        point("room.temperature.count", "count", "dark:True,floor:1", 0, 2),
        point("net.packets", "gauge", "", 0, 30),
        point("net.packets.count", "count", "", 0, 1),
        point("users", "gauge", "", 0, 3),
        point("users.count", "count", "", 0, 1),
        point("job.time", "gauge", "", 0, 2.5),
        point("job.time.count", "count", "", 0, 4),
      ].sort(),
    );
    expect(stage.intake.logs).toHaveLength(2);
    await expectNothingLeft(stage);
  });
});
