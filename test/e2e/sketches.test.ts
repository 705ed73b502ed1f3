import { afterAll, afterEach, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { createSocket } from "node:dgram";
import { join } from "node:path";
import { newerPackage } from "../../scripts/machines/newer-package.ts";
import { startVictoriaMetrics, type VictoriaMetrics } from "../../scripts/servers/victoria-metrics.ts";
import { runAgent, startAgent } from "../helpers/agent.ts";
import { freeUdpPort } from "../helpers/free-port.ts";
import { sqliteQueues } from "../helpers/queues.ts";
import { cleanUp, setUp } from "./stage.ts";

/** Debian 12's VictoriaMetrics does not take sketches, Debian 13's (1.112) does. The first run fetches it. */
setDefaultTimeout(120_000);

let server: VictoriaMetrics;
beforeAll(async () => {
  server = await startVictoriaMetrics(
    join(await newerPackage("victoria-metrics"), "usr/bin/victoria-metrics"),
  );
});
afterEach(cleanUp);
afterAll(() => server.stop());

/** From milliseconds to minutes, as durations are: the sketch has to be right over five decades. */
const VALUES = Array.from({ length: 1000 }, (_, n) => Number((0.001 * 10 ** (n / 200)).toFixed(6)));

test("the quantiles that another program reads out of a sketch are those of the values", async () => {
  const stage = await setUp(sqliteQueues);
  const port = await freeUdpPort();
  const env = {
    ...stage.env,
    DATADOG_URL: server.intakeUrl,
    AGGREGATE_INTERVAL: "3600",
    RELEASE_INTERVAL: "3600",
    DISTRIBUTION_POINTS_MAX: "0",
    DOGSTATSD: "true",
    DOGSTATSD_PORT: `${port}`,
  };
  const agent = await startAgent(["run"], env);
  await agent.logged("applications can send DogStatsD");
  const socket = createSocket("udp4");
  const send = (line: string) => new Promise((done) => socket.send(line, port, "127.0.0.1", done));
  for (let at = 0; at < VALUES.length; at += 100)
    await send(`spread:${VALUES.slice(at, at + 100).join(":")}|d|#zone:a`);
  // Each of these stands for ten.
  await send("sampled:3:5|d|@0.1");
  socket.close();
  expect(await runAgent(["flush"], env)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("2 distributions"),
  });

  const exported = await server.exported('{__name__=~"spread.*|sampled.*"}');
  const found = (name: string, quantile?: string) =>
    exported
      .filter(({ labels }) => labels.__name__ === name && labels.quantile === quantile)
      .flatMap(({ samples }) => [...new Set(samples.map(([, value]) => value))]);
  for (const quantile of ["0.5", "0.75", "0.9", "0.95", "0.99"]) {
    const exact = VALUES[Math.round(Number(quantile) * (VALUES.length - 1))] ?? Number.NaN;
    const [value = Number.NaN] = found("spread", quantile);
    expect(Math.abs(value / exact - 1)).toBeLessThan(0.02);
  }
  expect([found("spread.min"), found("spread.max"), found("spread.count")]).toEqual([
    [VALUES[0] as number],
    [VALUES.at(-1) as number],
    [VALUES.length],
  ]);
  expect(found("spread.sum")[0]).toBeCloseTo(
    VALUES.reduce((sum, value) => sum + value, 0),
    3,
  );
  expect([found("sampled.count"), found("sampled.sum")]).toEqual([[20], [80]]);

  agent.kill("SIGTERM");
  expect((await agent.ended).code).toBe(0);
});
