import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdir } from "node:fs/promises";
import { runAgent, startAgent } from "../helpers/agent.ts";
import { rawRecord, redisQueues, sqliteQueues } from "../helpers/queues.ts";
import { cleanUp, type Stage, setUp } from "./stage.ts";

setDefaultTimeout(30_000);

const RAW = "chouette:metrics:raw";

afterEach(cleanUp);

describe("run --dry-run", () => {
  let stage: Stage<Awaited<ReturnType<typeof redisQueues>>>;
  beforeEach(async () => {
    stage = await setUp(redisQueues);
  });

  test("prints what would be sent, needs no key, and uses neither queues nor files nor network", async () => {
    const { API_KEY: _, ...env } = stage.env;
    const before = Number(
      /total_connections_received:(\d+)/.exec(await stage.queues.server.cli("INFO", "stats"))?.[1],
    );
    const agent = await startAgent(["run", "--dry-run"], {
      ...env,
      COLLECT_PLUGINS: "host",
      HTTP_PROXY: stage.intake.url,
      CHOUETTE_STATE_DIR: `${stage.queues.dir}/state`,
      XDG_STATE_HOME: stage.queues.dir,
    });
    await agent.printed("Chouette.host.memory.available");
    agent.kill("SIGTERM");
    const { code, stdout, stderr } = await agent.ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(/^.* \d+ points of \d+ series .* http:\/\/127\.0\.0\.1:\d+\/api\/v1\/series$/m);
    expect(stdout).toMatch(/^\d\d:\d\d:\d\d {2}Chouette\.host\.cpu\.percentage {2,}gauge {2,}[\d.]+ %/m);
    for (const line of stderr.trimEnd().split("\n"))
      expect(JSON.parse(line)).toMatchObject({ level: expect.any(String) });

    expect(stage.intake.connections()).toBe(0);
    expect(await readdir(stage.queues.dir)).toEqual([]);
    const after = Number(
      /total_connections_received:(\d+)/.exec(await stage.queues.server.cli("INFO", "stats"))?.[1],
    );
    // The one more connection is that of this INFO.
    expect(after - before).toBe(1);
    expect(await stage.queues.server.cli("DBSIZE")).toBe("0");
  });
});

describe.each([
  ["Redis", redisQueues],
  ["the embedded storage", sqliteQueues],
])("flush --dry-run on %s", (_, open) => {
  test("prints what would be sent, and changes nothing", async () => {
    const { queues, intake, env } = await setUp(open);
    const timestamp = Math.floor(Date.now() / 1000);
    const measured = { type: "count", timestamp, tags: { zone: "a" } } as const;
    await queues.write(RAW, [
      rawRecord({ ...measured, metric: "my.count", value: 3 }),
      rawRecord({ ...measured, metric: "my.count", value: 4 }),
    ]);
    await queues.write("chouette:logs:wrapped", [
      { key: "log", at: timestamp, body: '{"message":"hello","service":"door","level":"INFO"}' },
    ]);
    const look = async () => {
      const { queues: all } = JSON.parse((await runAgent(["inspect-queue", "--json"], env)).stdout);
      return all.map(({ queue, count, bytes }: Record<string, unknown>) => ({ queue, count, bytes }));
    };
    const before = await look();
    const { API_KEY: _, ...keyless } = env;
    const plain = await runAgent(["flush", "--dry-run"], keyless);
    expect([plain.code, plain.stderr]).toEqual([0, ""]);
    expect(plain.stdout).toMatch(/^\d\d:\d\d:\d\d {2}my\.count {2}count {2,}7 {2}zone:a$/m);
    expect(plain.stdout).toMatch(/^info {2,}door {2,}hello$/m);
    const json = await runAgent(["flush", "--dry-run", "--json"], keyless);
    expect(JSON.parse(json.stdout)).toMatchObject({
      aggregated: { raw: 2, points: 1 },
      outcome: "delivered",
    });
    expect(json.stderr).toContain("1 point of 1 series");

    expect(await look()).toEqual(before);
    expect(intake.connections()).toBe(0);
    expect((await runAgent(["flush"], env)).code).toBe(0);
    expect([...intake.series]).toEqual([["my.count|count|host:pi,zone:a", new Map([[timestamp, 7]])]]);
  });
});
