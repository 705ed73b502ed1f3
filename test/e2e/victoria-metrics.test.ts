import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { loadavg, totalmem } from "node:os";
import { type IntakeServer, startIntake } from "../../scripts/servers/intake.ts";
import {
  type Labels,
  startVictoriaMetrics,
  type VictoriaMetrics,
} from "../../scripts/servers/victoria-metrics.ts";
import type { NewRecord } from "../../src/storage/storage.ts";
import { endAgents, runAgent, startAgent } from "../helpers/agent.ts";
import { type Queues, rawRecord, redisQueues, sqliteQueues } from "../helpers/queues.ts";

setDefaultTimeout(30_000);

const RAW = "chouette:metrics:raw";

let server: VictoriaMetrics;
/** VictoriaMetrics takes no logs. */
let logsIntake: IntakeServer;
beforeAll(async () => {
  server = await startVictoriaMetrics();
  logsIntake = await startIntake({ apiKey: "key-for-nobody" });
});
afterAll(async () => {
  await server.stop();
  await logsIntake.stop();
});

describe.each([
  ["Redis", redisQueues],
  ["the embedded storage", sqliteQueues],
])("an agent on %s, with VictoriaMetrics as Datadog", (name, open) => {
  let queues: Queues;
  beforeAll(async () => {
    queues = await open();
  });
  afterEach(endAgents);
  afterAll(() => queues.stop());

  const host = name === "Redis" ? "pi-redis" : "pi-sqlite";
  const env = () => ({
    ...queues.env,
    API_KEY: "key-for-nobody",
    DATADOG_URL: server.intakeUrl,
    DATADOG_LOGS_URL: logsIntake.url,
    AGGREGATE_INTERVAL: "1",
    CAPTURE_INTERVAL: "1",
    RELEASE_INTERVAL: "1",
    SEND_SELF_METRICS: "false",
    LOG_LEVEL: "DEBUG",
    HOST: host,
  });

  test("stores the metrics of applications with their names, tags and sums", async () => {
    const agent = await startAgent(["run"], { ...env(), GLOBAL_TAGS: '["site:garden"]' });
    await agent.logged("starting");
    for (let round = 0; round < ROUNDS; round++) {
      await queues.write(RAW, measurements(round));
      await agent.next("sent metrics");
    }
    agent.kill("SIGTERM");
    expect((await agent.ended).code).toBe(0);

    const series = await server.exported(`{host="${host}",__name__=~"e2e.*"}`);
    const sums = series.map(({ labels, samples }) => [
      tagged(labels),
      sum(samples.map(([, value]) => value)),
    ]);
    // Of gauges the sum says little, and how many samples there are depends on the moments of writing.
    const counted = Object.fromEntries(sums.filter(([name]) => !/level|time\.[^c]/.test(String(name))));
    expect(counted).toEqual({
      "e2e.count cold:True site:garden zone:a": ROUNDS * sum(EVEN),
      "e2e.count cold:True site:garden zone:b": ROUNDS * sum(ODD),
      "e2e.speed site:garden unit:7": ROUNDS * sum(ALL),
      "e2e.time.count site:garden": ROUNDS * ALL.length,
      "e2e.users site:garden": ROUNDS * 2 * ALL.length,
    });
    const valuesOf = (name: string) =>
      series
        .filter(({ labels }) => labels.__name__ === name)
        .map(({ samples }) => [...new Set(samples.map(([, value]) => value))]);
    expect(valuesOf("e2e.level")).toEqual([[0, 1, 2]]);
    expect(Math.max(...valuesOf("e2e.time.max").flat())).toBe(99);
    expect(valuesOf("e2e.time.median")).toHaveLength(1);
    // VictoriaMetrics keeps every sample that it is sent, so that a second that was sent twice would show.
    for (const { samples } of series) expect(new Set(samples.map(([at]) => at)).size).toBe(samples.length);

    const promql = `sum(sum_over_time({host="${host}",__name__="e2e.count"}[1h])) by (zone)`;
    expect(await server.query(promql)).toEqual([
      { labels: { zone: "a" }, value: ROUNDS * sum(EVEN) },
      { labels: { zone: "b" }, value: ROUNDS * sum(ODD) },
    ]);
  });

  test("stores the metrics of the host as this machine reports them", async () => {
    const agent = await startAgent(["run"], { ...env(), COLLECT_PLUGINS: "host" });
    for (let release = 0; release < 2; release++) await agent.next("sent metrics");
    agent.kill("SIGTERM");
    expect((await agent.ended).code).toBe(0);

    const series = await server.exported(`{host="${host}",__name__=~"Chouette.*"}`);
    const last = (name: string, device?: string) =>
      series
        .find(({ labels }) => labels.__name__ === `Chouette.host.${name}` && labels.device === device)
        ?.samples.at(-1)?.[1] ?? Number.NaN;
    expect([...new Set(series.map(({ labels }) => labels.__name__))].sort()).toEqual([
      "Chouette.host.cpu.percentage",
      "Chouette.host.fs.free",
      "Chouette.host.fs.used",
      "Chouette.host.la",
      "Chouette.host.memory.available",
      "Chouette.host.memory.used",
    ]);
    expect(last("cpu.percentage")).toBeWithin(0, 100.001);
    expect(last("la") - (loadavg()[0] ?? 0)).toBeWithin(-1, 1);
    expect(last("memory.used") + last("memory.available")).toBeWithin(totalmem() / 2, totalmem() * 1.1);
    const devices = new Set(series.flatMap(({ labels }) => labels.device ?? []));
    expect(devices.size).toBeGreaterThan(0);
    for (const device of devices) {
      expect(last("fs.used", device)).toBeGreaterThan(0);
      expect(last("fs.free", device)).toBeGreaterThanOrEqual(0);
    }
    for (const { samples } of series)
      for (const [at] of samples) expect(Date.now() / 1000 - at).toBeWithin(0, 60);
  });

  test("stores points from an outage at their own time", async () => {
    await server.shutDown();
    const timestamp = Math.floor(Date.now() / 1000);
    await queues.write(RAW, [
      rawRecord({ metric: "kept.count", type: "count", value: 5, timestamp, tags: {} }),
    ]);
    const failed = await runAgent(["flush", "--json", "--timeout", "1"], env());
    const { remaining, outcome, errors } = JSON.parse(failed.stdout);
    const nothingElse = { logs: 0, distributions: 0, events: 0, checks: 0 };
    expect([failed.code, remaining, outcome]).toEqual([1, { metrics: 1, ...nothingElse }, "failed"]);
    expect(errors).toEqual([expect.stringContaining("check DATADOG_URL")]);
    await server.restart();
    expect((await runAgent(["flush"], env())).code).toBe(0);
    expect(await server.exported(`{host="${host}",__name__="kept.count"}`)).toEqual([
      { labels: { __name__: "kept.count", host }, samples: [[timestamp, 5]] },
    ]);
  });
});

const ROUNDS = 3;
const ALL = Array.from({ length: 100 }, (_, i) => i);
const EVEN = ALL.filter((i) => i % 2 === 0);
const ODD = ALL.filter((i) => i % 2 === 1);

/** One round of an application: late counts of two zones with their tags in either order, and one series of each other type. */
function measurements(round: number): NewRecord[] {
  const now = Date.now() / 1000;
  return ALL.flatMap((i) => {
    const at = { timestamp: now, tags: {} };
    const tags = i % 2 === 0 ? { zone: "a", cold: true } : { cold: true, zone: "b" };
    return [
      rawRecord({ metric: "e2e.count", type: "count", value: i, timestamp: now - (i % 7), tags }),
      rawRecord({ metric: "e2e.level", type: "gauge", value: round, ...at }),
      rawRecord({ metric: "e2e.speed", type: "rate", value: i, timestamp: now, tags: { unit: 7 } }),
      rawRecord({ metric: "e2e.time", type: "histogram", value: i, ...at }),
      rawRecord({ metric: "e2e.users", type: "set", value: [i, `u${i}`, i], ...at }),
    ];
  });
}

/** `e2e.count cold:True zone:a`, without the host. */
function tagged({ __name__, host: _, ...tags }: Labels): string {
  return [
    __name__,
    ...Object.entries(tags)
      .map(([name, value]) => `${name}:${value}`)
      .sort(),
  ].join(" ");
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
