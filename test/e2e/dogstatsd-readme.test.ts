import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { startAgent } from "../helpers/agent.ts";
import { freeUdpPort } from "../helpers/free-port.ts";
import { sqliteQueues } from "../helpers/queues.ts";
import { blocksIn } from "../helpers/readmes.ts";
import { arrived, cleanUp, setUp } from "./stage.ts";

setDefaultTimeout(30_000);
afterEach(cleanUp);

const ROOT = join(import.meta.dir, "../..");
const examples = blocksIn("README.md", ["bash", "python", "js"]);

const PROGRAMS = { bash: ["bash"], python: ["python3", "-"], js: [process.execPath, "run", "-"] } as const;

test.each([
  ["bash", ["door.opened"]],
  ["python", ["room.temperature", "photo.taken.max"]],
  ["js", ["photos.uploaded"]],
] as const)("the README's example in %s sends what it says", async (language, metrics) => {
  const example = examples.find((block) => block.language === language)?.text ?? "";
  const stage = await setUp(sqliteQueues);
  const port = await freeUdpPort();
  const agent = await startAgent(["run"], { ...stage.env, DOGSTATSD: "true", DOGSTATSD_PORT: `${port}` });
  await agent.logged("applications can send DogStatsD");
  const [program, ...words] = PROGRAMS[language];
  const input = example.replaceAll("8125", `${port}`);
  const { status, stderr } = spawnSync(program, words, { input, cwd: ROOT, encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  const names = () => [...stage.intake.series.keys()].map((series) => series.split("|")[0]);
  await arrived(stage, agent, () => metrics.every((metric) => names().includes(metric)));
  agent.kill("SIGTERM");
  expect((await agent.ended).code).toBe(0);
});
