import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { runAgent, startAgent } from "../helpers/agent.ts";
import { rawRecord, redisQueues } from "../helpers/queues.ts";
import { arrived, cleanUp, measure, type Stage, setUp } from "./stage.ts";

setDefaultTimeout(60_000);

const RAW = "chouette:metrics:raw";

afterEach(cleanUp);

describe("an unreachable Redis", () => {
  /** The beginning of the line that the connection, not a job, logs. */
  const OUT = '"msg":"Redis at ';

  test("at the start: the agent waits without a busy loop, then delivers", async () => {
    const stage = await setUp(redisQueues);
    await stage.queues.server.kill();
    const agent = await startAgent(["run"], stage.env);
    await agent.logged(OUT);
    const begin = { cpu: cpuSeconds(agent.pid), at: performance.now() };
    for (let look = 0; look < 20; look++) expect((await runAgent(["inspect-queue"], stage.env)).code).toBe(1);
    const cpu = cpuSeconds(agent.pid) - begin.cpu;
    // A busy loop would take a whole core; a slow machine may still be compiling the program.
    expect(cpu / ((performance.now() - begin.at) / 1000)).toBeLessThan(0.4);
    await stage.queues.server.restart();
    await agent.logged("Redis is back");
    await measure(stage, agent);
    agent.kill("SIGTERM");
    expect((await agent.ended).code).toBe(0);
  });

  test("in between: the agent recovers on its own", async () => {
    const stage = await setUp(redisQueues);
    const agent = await startAgent(["run"], stage.env);
    for (let time = 0; time < 2; time++) {
      await measure(stage, agent);
      const out = agent.next(OUT);
      await stage.queues.server.kill();
      await out;
      const back = agent.next("Redis is back");
      await stage.queues.server.restart();
      await back;
    }
    await measure(stage, agent);
    agent.kill("SIGTERM");
    expect((await agent.ended).code).toBe(0);
  });

  test("at the end: the agent stops nevertheless", async () => {
    const stage = await setUp(redisQueues);
    const agent = await startAgent(["run"], stage.env);
    await measure(stage, agent);
    const out = agent.next(OUT);
    await stage.queues.server.kill();
    await out;
    agent.kill("SIGTERM");
    expect((await agent.ended).code).toBe(0);
  });

  test("captures are delivered all the while, and what SIGTERM leaves is sent by the next agent", async () => {
    const stage = await setUp(redisQueues);
    const env = { ...stage.env, COLLECT_PLUGINS: "host" };
    const agent = await startAgent(["run"], env);
    await arrived(stage, agent, () => captures(stage) >= 1);
    await stage.queues.server.kill();
    await agent.logged(OUT);
    const before = captures(stage);
    await arrived(stage, agent, () => captures(stage) >= before + 3);
    stage.intake.respond(() => ({ status: 503 }));
    await agent.logged("sending metrics");
    const after = captures(stage);
    agent.kill("SIGTERM");
    const { code, stderr } = await agent.ended;
    expect([code, stderr]).toEqual([0, expect.stringMatching(/\d+ records wait in RAM for the next start/)]);
    stage.intake.respond(() => undefined);
    await stage.queues.server.restart();
    const next = await startAgent(["run"], env);
    await arrived(stage, next, () => captures(stage) > after + 1);
    next.kill("SIGTERM");
    expect((await next.ended).code).toBe(0);
    const seconds = [...(stage.intake.series.get(LOAD)?.keys() ?? [])].sort((a, b) => a - b);
    // The restart took its time; every second of the first agent is there.
    const gaps = seconds.filter((second, n) => n > 0 && second !== (seconds[n - 1] ?? 0) + 1);
    expect(gaps.length).toBeLessThanOrEqual(1);
    expect(stage.intake.conflicts).toEqual([]);
  });
});

test("a Redis that a power cut takes back to its snapshot takes nothing away from what was delivered, and adds nothing", async () => {
  const stage = await setUp(redisQueues);
  const agent = await startAgent(["run"], { ...stage.env, AGGREGATE_INTERVAL: "5" });
  // Early in a window, which the snapshot must not see whole.
  while (Date.now() % 5000 > 1000) await setTimeout(20);
  const write = (value: number) =>
    stage.queues.write(RAW, [
      rawRecord({ metric: "my.count", type: "count", value, timestamp: Date.now() / 1000, tags: {} }),
    ]);
  await write(1);
  await write(2);
  await stage.queues.server.cli("SAVE");
  await write(4);
  await arrived(stage, agent, () => stage.intake.sumOf("my.count") === 7);
  await stage.queues.crash();
  await agent.logged("Redis went back to an earlier state");
  await write(8);
  await arrived(stage, agent, () => stage.intake.sumOf("my.count") === 15);
  agent.kill("SIGTERM");
  expect((await agent.ended).code).toBe(0);
  expect([stage.intake.sumOf("my.count"), stage.intake.conflicts]).toEqual([15, []]);
});

const LOAD = "Chouette.host.la|gauge|host:pi,period:1m";

function captures({ intake }: Stage): number {
  return intake.series.get(LOAD)?.size ?? 0;
}

/** CPU seconds, user and system: fields 14 and 15 of proc_pid_stat(5), in hundredths of a second. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
