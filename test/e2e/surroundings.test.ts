import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { chmod, copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { executable } from "../../scripts/build/executable.ts";
import { runAgent, startAgent } from "../helpers/agent.ts";
import { rawRecord, redisQueues, sqliteQueues } from "../helpers/queues.ts";
import { arrived, cleanUp, KEY, type Stage, setUp } from "./stage.ts";

/** What lies around the executable: files that it must not read, modules that it may, a key that it must not show. */
setDefaultTimeout(30_000);

const RAW = "chouette:metrics:raw";

let stage: Stage;
beforeEach(async () => {
  stage = await setUp(sqliteQueues);
});
afterEach(cleanUp);

test("files of other programs in the working directory are ignored", async () => {
  const { queues, env } = stage;
  await writeFile(join(queues.dir, ".env"), "API_KEY=stranger\nHOST=stranger\nRELEASE_INTERVAL=nonsense\n");
  await writeFile(join(queues.dir, "bunfig.toml"), 'preload = ["./preload.ts"]\n');
  await writeFile(join(queues.dir, "preload.ts"), 'console.log("preloaded"); process.exit(42);\n');
  await writeFile(join(queues.dir, "package.json"), "not JSON\n");
  await writeFile(join(queues.dir, "tsconfig.json"), "not JSON\n");
  const inIt = { cwd: queues.dir };
  await queues.write(RAW, [count(1)]);
  const { HOST: _, ...rest } = env;
  expect((await runAgent(["flush"], rest, inIt)).code).toBe(0);
  const [identity] = [...stage.intake.series.keys()];
  expect(identity).toStartWith("my.count|count|host:");
  expect(identity).not.toContain("stranger");
  const { API_KEY: __, ...keyless } = env;
  const { code, stdout, stderr } = await runAgent(["run"], keyless, inIt);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toContain("API_KEY: got nothing");
});

test("the API key is sent, and seen nowhere else", async () => {
  const { queues, intake, env } = stage;
  intake.respond(({ headers }) => ({
    status: 403,
    body: `{"errors":["no key ${headers["dd-api-key"]} here"]}`,
  }));
  await queues.write(RAW, [count(1)]);
  const agent = await startAgent(["run", "--log-level", "TRACE"], { ...env, COLLECT_PLUGINS: "host" });
  await agent.logged("check API_KEY");
  const seen = readFileSync(`/proc/${agent.pid}/cmdline`, "utf8");
  const flushed = await runAgent(["flush", "--json"], env);
  agent.kill("SIGTERM");
  const { stdout, stderr } = await agent.ended;
  const inspected = await runAgent(["inspect-queue", "--peek", "10"], env);
  expect(JSON.parse(flushed.stdout).errors).toEqual([expect.stringContaining("no key [API key] here")]);
  const texts = [seen, stdout, stderr, flushed.stdout, flushed.stderr, inspected.stdout, inspected.stderr];
  expect(texts.filter((text) => text.includes(KEY))).toEqual([]);
  expect(intake.requests.map(({ path }) => path).filter((path) => path.includes(KEY))).toEqual([]);
  expect(intake.requests[0]?.headers["dd-api-key"]).toBe(KEY);
});

describe("custom modules", () => {
  test.each([
    [
      "wrapper.js",
      "export default ({ metric, values }) => [{ metric, type: 'gauge', value: Math.max(...values) }];\n",
    ],
    [
      "wrapper.ts",
      `type Merged = { metric: string; values: readonly number[] };
       import { largest } from "./largest.ts";
       export default ({ metric, values }: Merged) => [{ metric, type: "gauge" as const, value: largest(values) }];\n`,
    ],
  ])("METRICS_WRAPPER=%s", async (name, source) => {
    const { queues, intake, env } = stage;
    await writeFile(join(queues.dir, name), source);
    await writeFile(
      join(queues.dir, "largest.ts"),
      "export const largest = (values: readonly number[]): number => Math.max(...values);\n",
    );
    await queues.write(RAW, [count(3), count(9), count(5)]);
    // Absolute, and relative to the working directory.
    for (const path of [join(queues.dir, name), `./${name}`]) {
      const { code, stdout } = await runAgent(
        ["flush", "--dry-run"],
        { ...env, METRICS_WRAPPER: path },
        { cwd: queues.dir },
      );
      expect([code, /my\.count {2}gauge {2,}9/.test(stdout)]).toEqual([0, true]);
    }
    expect((await runAgent(["flush"], { ...env, METRICS_WRAPPER: join(queues.dir, name) })).code).toBe(0);
    expect(intake.sumOf("my.count")).toBe(9);
  });

  test("a wrapper that cannot be loaded is a mistake in the configuration", async () => {
    const path = join(stage.queues.dir, "broken.ts");
    await writeFile(path, "export default (((\n");
    const { code, stderr } = await runAgent(["flush"], { ...stage.env, METRICS_WRAPPER: path });
    expect(code).toBe(2);
    expect(stderr).toContain(`METRICS_WRAPPER: cannot load ${path}`);
  });

  test("modules and commands of COLLECT_PLUGINS run beside built-in plugins, and commands do not see the key", async () => {
    const { queues, intake, env } = stage;
    await mkdir(join(queues.dir, "plugins"));
    const plugin = join(queues.dir, "plugins", "attic.ts");
    await writeFile(
      plugin,
      `type World = { at: number; readText(path: string): Promise<string | undefined> };
       export default {
         async collect({ readText }: World) {
           const seconds = (await readText("/proc/uptime"))?.split(" ")[0];
           return [{ metric: "attic.uptime", value: Number(seconds), tags: ["room:attic"] }];
         },
       };\n`,
    );
    const script = join(queues.dir, "plugins", "door.sh");
    await writeFile(script, `echo "door.opened:3|c|#door:$1"; echo "door.keys:$(env | grep -c ${KEY})|g"\n`);
    const agent = await startAgent(["run"], {
      ...env,
      COLLECT_PLUGINS: JSON.stringify(["host", plugin, `exec:sh ${script} front`]),
    });
    await arrived(stage, agent, () =>
      ["attic.uptime", "door.opened", "Chouette.host.la"].every((name) => intake.sumOf(name) > 0),
    );
    agent.kill("SIGTERM");
    expect((await agent.ended).code).toBe(0);
    const names = [...intake.series.keys()].filter((name) => !name.startsWith("Chouette.host."));
    expect(intake.sumOf("door.keys")).toBe(0);
    expect(names.sort()).toEqual([
      "attic.uptime|gauge|host:pi,room:attic",
      "door.keys|gauge|host:pi",
      "door.opened|count|door:front,host:pi",
    ]);
  });
});

test.each(["SIGTERM", "SIGINT"] as const)(
  "%s: the agent makes a last pass and exits with 0 within seconds",
  async (signal) => {
    const { queues, intake, env } = stage;
    const agent = await startAgent(["run"], { ...env, AGGREGATE_INTERVAL: "3600", RELEASE_INTERVAL: "3600" });
    await agent.logged("starting");
    await queues.write(RAW, [count(5), count(6)]);
    const begin = performance.now();
    agent.kill(signal);
    const { code, stderr } = await agent.ended;
    expect([code, intake.sumOf("my.count")]).toEqual([0, 11]);
    expect(performance.now() - begin).toBeLessThan(5000);
    expect(stderr).toContain("chouette stopped");
  },
);

function count(value: number) {
  return rawRecord({ metric: "my.count", type: "count", value, timestamp: Date.now() / 1000, tags: {} });
}

test("a user without a line in /etc/passwd and without HOME can run every command", async () => {
  // Files in /dev/shm are readable for every user, the checkout perhaps not.
  const dir = await mkdtemp("/dev/shm/chouette-nobody-");
  const copy = join(dir, "chouette");
  await copyFile(await executable(), copy);
  await chmod(dir, 0o755);
  await chmod(copy, 0o755);
  const nobody = {
    program: [
      "setpriv",
      "--reuid=54321",
      "--regid=54321",
      "--clear-groups",
      "env",
      "-i",
      "PATH=/usr/bin:/bin",
      copy,
    ],
  };
  try {
    const version = await runAgent(["--version"], {}, nobody);
    const help = await runAgent(["flush", "--help"], {}, nobody);
    const plugins = await runAgent(["test-plugins", "host"], {}, nobody);
    expect([version.code, help.code, plugins.code]).toEqual([0, 0, 0]);
    expect(plugins.stdout).toContain("Chouette.host.la");
  } finally {
    await rm(dir, { recursive: true });
  }
});

test("DEBUG=ioredis:* does not print the password of Redis", async () => {
  const queues = await redisQueues(["--requirepass", "hunter2-of-redis"]);
  try {
    const url = queues.env.REDIS_URL?.replace("unix://", "unix://:hunter2-of-redis@") ?? "";
    const env = { HOME: queues.dir, REDIS_URL: url, DEBUG: "ioredis:*,*" };
    const { stdout, stderr } = await runAgent(["inspect-queue"], env);
    expect(stdout + stderr).not.toContain("hunter2-of-redis");
  } finally {
    await queues.stop();
  }
});
