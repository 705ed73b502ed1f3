import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { copyFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { executable } from "../../scripts/build/executable.ts";
import { arrived, cleanUp, type Stage, setUp } from "../e2e/stage.ts";
import { startAgent } from "../helpers/agent.ts";
import { rawRecord, redisQueues } from "../helpers/queues.ts";
import { enterUserland, type Processor, type Userland } from "../helpers/userland.ts";

/**
 * scripts/test-install.sh: the executables in the root file systems of the devices, where whatever they start is of ARM too. Raspberry
 * Pi 3 and Zero 2 have Cortex-A53, Jetson Nano A57, Raspberry Pi 4 A72, Raspberry Pi 2 A7. What one processor after the other
 * makes of the executables alone is in test/rigs/emulated.rig.ts.
 */
// The first time a userland is made, from packages that are unpacked by an emulated dpkg.
setDefaultTimeout(30 * 60_000);

const ROOT = resolve(import.meta.dir, "../..");
const COUNTS = 500;
const KILLS = 3;
/** An emulated second is short: a program that prints a line takes one. */
const PATIENT = { CAPTURE_INTERVAL: "5", RELEASE_INTERVAL: "5" };

afterEach(cleanUp);

describe.each<["arm64" | "armv7", Processor, string]>([
  ["arm64", "cortex-a53", "aarch64"],
  ["arm64", "cortex-a57", "aarch64"],
  ["arm64", "cortex-a72", "aarch64"],
  ["armv7", "cortex-a7", "armv7l"],
])("a userland of %s on a %s", (architecture, processor, machine) => {
  let userland: Userland;
  let program: string[];
  beforeAll(async () => {
    userland = await enterUserland(architecture, processor, {
      "/usr/local/bin/chouette": await executable(`linux-${architecture}`),
      "/root/install.sh": join(ROOT, "install.sh"),
    });
    program = [...userland.inside, "/usr/local/bin/chouette"];
  });
  afterAll(() => userland[Symbol.asyncDispose]());

  test("install.sh selects its executable", async () => {
    const { stdout } = await userland.exec(["sh", "/root/install.sh", "--dry-run", "--from", "/nowhere"]);
    expect(stdout).toContain(`, linux-${architecture}\n`);
  });

  test("records that an application writes to Redis arrive once, however often the agent is killed", async () => {
    const stage = await setUp(redisQueues);
    const env = { ...stage.env, ...PATIENT, METRICS_WRAPPER: await copied(stage, "own-wrapper/extremes.js") };
    for (let kill = 0; kill < KILLS; kill++) {
      const changed = stage.queues.changed(3);
      const agent = await startAgent(["run"], env, { program });
      await agent.logged("starting");
      await stage.queues.write("chouette:metrics:raw", counts());
      await changed;
      agent.kill("SIGKILL");
      await agent.ended;
    }
    const agent = await startAgent(["run"], env, { program });
    await agent.logged("starting");
    await arrived(stage, agent, () => stage.intake.sumOf("my.count") >= KILLS * COUNTS);
    agent.kill("SIGTERM");
    expect((await agent.ended).code).toBe(0);
    expect([stage.intake.sumOf("my.count"), stage.intake.conflicts]).toEqual([KILLS * COUNTS, []]);
  });

  test("captures of the host, a custom module and a custom command survive kill -9 in SQLite", async () => {
    const stage = await setUp(redisQueues);
    const { REDIS_URL: _, ...rest } = stage.env;
    const own = join(stage.queues.dir, "own.js");
    await writeFile(own, OWN);
    const command = `exec:echo "machine.$(uname -m):1|g"`;
    const env = {
      ...rest,
      ...PATIENT,
      CHOUETTE_STATE_DIR: join(stage.queues.dir, "state"),
      COLLECT_PLUGINS: JSON.stringify(["host", own, command]),
    };
    stage.intake.respond(() => ({ status: 503 }));
    const first = await startAgent(["run"], env, { program });
    const metrics = ["Chouette.host.memory.used", "own.calls", `machine.${machine}`];
    const offered = () => metrics.map((metric) => offeredSeconds(stage, metric));
    await arrived(stage, first, () => offered().every((seconds) => seconds.length > 0));
    first.kill("SIGKILL");
    await first.ended;
    const waiting = offered();

    stage.intake.respond(() => undefined);
    const second = await startAgent(["run"], env, { program });
    const hasArrived = (metric: string, seconds: number[]) => {
      const kept = stage.intake.series.get(`${metric}|gauge|host:pi`);
      return seconds.every((at) => kept?.has(at));
    };
    await arrived(stage, second, () => metrics.every((metric, i) => hasArrived(metric, waiting[i] ?? [])));
    second.kill("SIGTERM");
    expect((await second.ended).code).toBe(0);
    expect(stage.intake.conflicts).toEqual([]);
  });
});

const OWN = `let calls = 0;
export default { async collect({ readText }) {
  const uptime = Number((await readText("/proc/uptime")).split(" ")[0]);
  return [{ metric: "own.calls", value: ++calls }, { metric: "own.uptime", value: uptime }];
} };
`;

/** The copy's path: only /tmp is the same in the userland. */
async function copied({ queues }: Stage, fixture: string): Promise<string> {
  const path = join(queues.dir, "own-wrapper.js");
  await copyFile(join(ROOT, "test/fixtures", fixture), path);
  return path;
}

function counts() {
  const timestamp = Date.now() / 1000;
  return Array.from({ length: COUNTS }, (_, index) =>
    rawRecord({ metric: "my.count", type: "count", value: 1, timestamp, tags: { zone: index % 7 } }),
  );
}

/** Of all points of a metric that the agent has tried to send. */
function offeredSeconds({ intake }: Stage, metric: string): number[] {
  return intake.requests
    .flatMap(({ body }): Series[] => JSON.parse(body).series ?? [])
    .filter((series) => series.metric === metric)
    .flatMap(({ points }) => points.map(([at]) => at));
}

type Series = { metric: string; points: [at: number, value: number][] };
