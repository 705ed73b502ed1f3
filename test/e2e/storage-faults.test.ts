import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { mkdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openSqlite } from "../../src/storage/sqlite/sqlite.ts";
import { runAgent, startAgent } from "../helpers/agent.ts";
import { type Queues, redisQueues, sqliteQueues } from "../helpers/queues.ts";
import { arrived, cleanUp, measure, type Stage, setUp } from "./stage.ts";

setDefaultTimeout(60_000);

const RAW = "chouette:metrics:raw";

afterEach(cleanUp);

describe.each([
  ["Redis", redisQueues as () => Promise<Queues>],
  ["the embedded storage", sqliteQueues],
])("two agents on %s", (_, open) => {
  test("the second names the first and ends, and after kill -9 of the first another one starts at once", async () => {
    const stage = await setUp(open);
    const first = await startAgent(["run"], stage.env);
    await measure(stage, first);
    const second = await runAgent(["run"], stage.env);
    expect([second.code, second.stdout]).toEqual([1, ""]);
    expect(second.stderr).toContain(`another chouette run (pid ${first.pid} on host `);
    await measure(stage, first);
    first.kill("SIGKILL");
    await first.ended;
    const third = await startAgent(["run"], stage.env);
    await measure(stage, third);
    expect(stage.intake.conflicts).toEqual([]);
  });
});

describe("a damaged database", () => {
  test.each<[string, (path: string) => Promise<void>]>([
    ["overwritten with text", (path) => writeFile(path, "This is a text, not a database. ".repeat(1000))],
    ["cut off", (path) => truncate(path, 50_000)],
  ])("%s is moved aside under a logged name, and the agent starts", async (_, damage) => {
    const stage = await setUp(sqliteQueues);
    const env = { ...stage.env, CHOUETTE_STATE_DIR: join(stage.queues.dir, "damaged") };
    const path = join(env.CHOUETTE_STATE_DIR, "chouette.db");
    const before = openSqlite(path, { now: () => 0, fateOf: () => "unknown" as const, warn: () => {} });
    // Random, so that deflating it gains little.
    const body = () => randomBytes(1000).toString("hex");
    const records = Array.from({ length: 100 }, (_, i) => ({ key: `k${i}`, at: i, body: body() }));
    await before.commit({ add: [{ queue: RAW, records }] });
    await before.close();
    await damage(path);
    const damaged = await readFile(path);

    const agent = await startAgent(["run"], { ...env, COLLECT_PLUGINS: "host" });
    await agent.logged(`${path}.corrupt-`);
    const aside = /(\/\S+\.corrupt-\d+)/.exec(agent.stderr())?.[1] ?? "";
    // A truncated file has its length again.
    expect((await readFile(aside)).subarray(0, damaged.length).equals(damaged)).toBe(true);
    await arrived(stage, agent, () => stage.intake.sumOf("Chouette.host.memory.available") > 0);
    agent.kill("SIGTERM");
    expect((await agent.ended).code).toBe(0);
  });
});

describe("a card that cannot be written", () => {
  /** The prefix of a program with its own disk, mounted where no other process sees it. */
  const onDisk = (disk: string, options: string) => ({
    prefix: [
      "unshare",
      "--user",
      "--map-root-user",
      "--mount",
      "sh",
      "-c",
      `mount -t tmpfs -o ${options} tmpfs ${disk} && exec "$0" "$@"`,
    ],
  });

  test.each([
    ["a read-only disk", "ro", {}, /read-only.*sudo mount -o remount,rw /],
    ["a full disk", "size=4k", {}, /disk is full.*df -h /],
    ["a full disk with DURABILITY=strict", "size=4k", { DURABILITY: "strict" }, /disk is full.*df -h /],
  ])(
    "%s stops neither capture nor delivery, and is logged once with the command to type",
    async (_, options, more, message) => {
      const stage = await setUp(sqliteQueues);
      const disk = join(stage.queues.dir, "disk");
      await mkdir(disk);
      const env = { ...stage.env, CHOUETTE_STATE_DIR: disk, COLLECT_PLUGINS: "host", ...more };
      const agent = await startAgent(["run"], env, onDisk(disk, options));
      await arrived(stage, agent, () => captures(stage) >= 3);
      agent.kill("SIGTERM");
      const { code, stderr } = await agent.ended;
      const failures = stderr.split("\n").filter((line) => line.includes("the card fails"));
      expect([code, failures.length]).toEqual([0, 1]);
      expect(failures[0]).toContain(`${disk}/chouette.db`);
      expect(failures[0]).toMatch(message);
    },
  );

  test("a disk that fills up during an outage is logged once, and every capture is sent when the intake is back", async () => {
    const stage = await setUp(sqliteQueues);
    const disk = join(stage.queues.dir, "disk");
    await mkdir(disk);
    const env = { ...stage.env, CHOUETTE_STATE_DIR: disk, COLLECT_PLUGINS: "host" };
    const agent = await startAgent(["run"], env, onDisk(disk, "size=1m"));
    await arrived(stage, agent, () => captures(stage) >= 1);
    // The disk as the agent sees it.
    const ballast = `/proc/${agent.pid}/root${disk}/ballast`;
    await writeFile(ballast, Buffer.alloc(2_000_000)).catch(() => {});
    stage.intake.respond(() => ({ status: 503 }));
    await agent.logged("the card fails");
    const before = captures(stage);
    await rm(ballast);
    await agent.logged("the card works again");
    stage.intake.respond(() => undefined);
    await arrived(stage, agent, () => captures(stage) >= before + 3);
    agent.kill("SIGTERM");
    const { code, stderr } = await agent.ended;
    expect([code, stderr.split("the card fails").length]).toEqual([0, 2]);
    expect(stderr).toContain("but for its last tenth");
    const seconds = [...(stage.intake.series.get(LOAD)?.keys() ?? [])].sort((a, b) => a - b);
    expect(seconds.length).toBe((seconds.at(-1) ?? 0) - (seconds[0] ?? 0) + 1);
    expect(stage.intake.conflicts).toEqual([]);
  });
});

describe("a state directory that is removed under a running agent", () => {
  test("is made again and logged once, and neither what waits in RAM nor what was on the card is lost", async () => {
    const stage = await setUp(sqliteQueues);
    const env = { ...stage.env, COLLECT_PLUGINS: "host" };
    const agent = await startAgent(["run"], env);
    await arrived(stage, agent, () => captures(stage) >= 1);
    stage.intake.respond(() => ({ status: 503 }));
    const waiting = async () => {
      const { stdout } = await runAgent(["inspect-queue", "--json"], env);
      return (JSON.parse(stdout) as { queues: { count: number }[] }).queues[1]?.count ?? 0;
    };
    while ((await waiting()) < 4);
    await rm(join(stage.queues.dir, "state"), { recursive: true });
    const { code, stdout } = await runAgent(["flush"], env);
    expect({ code, isWrong: stdout.includes("everything was delivered") }).toEqual({
      code: 1,
      isWrong: false,
    });
    await agent.logged("was removed or replaced while it was in use");
    stage.intake.respond(() => undefined);
    const before = captures(stage);
    await arrived(stage, agent, () => captures(stage) >= before + 3);
    expect((await runAgent(["inspect-queue"], env)).code).toBe(0);
    agent.kill("SIGTERM");
    const { stderr } = await agent.ended;
    expect(stderr.split("was removed or replaced").length).toBe(2);
    const seconds = [...(stage.intake.series.get(LOAD)?.keys() ?? [])].sort((a, b) => a - b);
    expect(seconds.length).toBe((seconds.at(-1) ?? 0) - (seconds[0] ?? 0) + 1);
    expect(stage.intake.conflicts).toEqual([]);
  });
});

const LOAD = "Chouette.host.la|gauge|host:pi,period:1m";

function captures({ intake }: Stage): number {
  return intake.series.get(LOAD)?.size ?? 0;
}
