import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type Agent, startAgent } from "../helpers/agent.ts";
import { freeUdpPort } from "../helpers/free-port.ts";
import { sqliteQueues } from "../helpers/queues.ts";
import { blocksIn } from "../helpers/readmes.ts";
import { arrived, cleanUp, type Stage, setUp } from "./stage.ts";

setDefaultTimeout(60_000);

const ROOT = join(import.meta.dir, "../..");
const EXAMPLES = "scripts/examples";
const STAND_IN = join(ROOT, "test/fixtures/python-client");
const PYTHON = "/usr/bin/python3";
const README = "README.md, in";

type Example = [file: string, words: string[], metrics: string[]];

const PROGRAMS: readonly Example[] = [
  [`${README} bash`, ["bash"], ["door.opened"]],
  [`${README} python`, [PYTHON, "-"], ["room.temperature", "photo.taken.max"]],
  [`${README} js`, [process.execPath, "run", "-"], ["photos.uploaded"]],
  ["dogstatsd.sh", ["bash"], ["backup.duration.max", "backup.done"]],
  ["dogstatsd.py", [PYTHON], ["greenhouse.temperature", "greenhouse.watered", "greenhouse.loop.max"]],
  ["dogstatsd.mjs", ["node"], ["camera.frames", "camera.buffer"]],
  ["python-client.py", [PYTHON], ["aquarium.temperature", "aquarium.fed", "aquarium.ph.max"]],
  // Go's compiler is 80 MB to fetch: it is used where it is installed.
  ...(Bun.which("go") === null
    ? []
    : [
        ["dogstatsd.go", ["go", "run"], ["pump.pressure", "pump.started", "pump.flow.max"]] satisfies Example,
      ]),
];

describe("the example", () => {
  let [port, stage, agent]: [number, Stage | undefined, Agent | undefined] = [0, undefined, undefined];
  const results = new Map<string, Result>();

  beforeAll(async () => {
    // Both ways in have the same port, one by UDP and one by TCP.
    port = await freeUdpPort();
    stage = await setUp(sqliteQueues);
    agent = await startAgent(["run"], {
      ...stage.env,
      DOGSTATSD: "true",
      DOGSTATSD_PORT: `${port}`,
      REDIS_LISTEN: `127.0.0.1:${port}`,
    });
    await agent.logged("applications can send DogStatsD");
    await agent.logged("applications can write as to Redis");
    for (const [file, words] of PROGRAMS) results.set(file, await runExample(file, words, port));
  });
  afterAll(cleanUp);

  test.each([...PROGRAMS])("%s sends what it says", async (file, _, metrics) => {
    expect(results.get(file)).toEqual({ code: 0, stderr: "" });
    if (stage === undefined || agent === undefined) throw new Error("no agent");
    const { intake } = stage;
    const names = () => [...intake.series.keys()].map((series) => series.split("|")[0]);
    await arrived(stage, agent, () => metrics.every((metric) => names().includes(metric)));
  });
});

test("the Python client's example ends with an error when nothing takes its records", async () => {
  expect((await runExample("python-client.py", [PYTHON], await freeUdpPort())).code).toBe(1);
});

test.each(readdirSync(join(ROOT, EXAMPLES)).filter((file) => file.endsWith(".env")))(
  "the example %s is a valid configuration",
  async (file) => {
    const key = { API_KEY: "0123456789abcdef0123456789abcdef" };
    const agent = await startAgent(
      ["run", "--check", "--dry-run", "--env-file", join(ROOT, EXAMPLES, file)],
      key,
    );
    expect(await agent.ended).toMatchObject({ code: 0, stderr: "" });
  },
);

type Result = { code: number; stderr: string };

/** Runs a file of the examples, or a block of the README from standard input. */
async function runExample(file: string, [program = "", ...words]: string[], port: number): Promise<Result> {
  const env = { ...process.env, DD_DOGSTATSD_PORT: `${port}`, REDIS_PORT: `${port}`, PYTHONPATH: STAND_IN };
  const block = blocksIn("README.md", [file.replace(`${README} `, "")])[0]?.text;
  const child = spawn(program, block === undefined ? [...words, join(EXAMPLES, file)] : words, {
    cwd: ROOT,
    env,
  });
  let stderr = "";
  child.stderr.on("data", (text) => {
    stderr += text;
  });
  child.stdin.end(block?.replaceAll("8125", `${port}`));
  const [code] = await once(child, "close");
  return { code, stderr };
}
