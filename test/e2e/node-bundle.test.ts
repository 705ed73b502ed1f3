import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Agent, endAgents, runAgent, startAgent } from "../helpers/agent.ts";
import { rawRecord, wasmQueues } from "../helpers/queues.ts";
import { chosenSeed } from "../helpers/random.ts";
import { nodeAgent } from "../helpers/wasm-bundle.ts";
import { endRound, playRound } from "./round.ts";
import { arrived, cleanUp, type Stage, setUp } from "./stage.ts";

/** The bundle of the executable for armv7 in the Node of this machine: SQLite as WebAssembly, custom modules. */
setDefaultTimeout(120_000);

const RAW = "chouette:metrics:raw";
const program = await nodeAgent();

const first = chosenSeed();
console.log(`CHOUETTE_SEED=${first}`);

afterEach(endRound);
afterEach(cleanUp);

test.each([first, first + 1])("every measurement counts once, whatever happens (seed %d)", (seed) =>
  playRound({ open: wasmQueues, seed, program }),
);

test("inspect-queue reads the queues of a running agent, and leaves those of a killed one unchanged", async () => {
  const stage = await setUp(wasmQueues);
  const inspect = () => runAgent(["inspect-queue", "--json"], stage.env, { program });
  stage.intake.respond(() => ({ status: 503 }));
  const agent = await startAgent(["run"], { ...stage.env, COLLECT_PLUGINS: "host" }, { program });
  await arrived(stage, agent, () => stage.intake.requests.length > 1);
  expect(agent.stderr()).not.toContain("(node:");
  const beside = await inspect();
  expect([beside.code, beside.stderr]).toEqual([0, ""]);
  expect(JSON.parse(beside.stdout).last_delivery.outcome).toBe("failed");
  agent.kill("SIGKILL");
  await agent.ended;
  const before = await contentsOf(stage);
  const afterwards = await inspect();
  expect([afterwards.code, afterwards.stderr]).toEqual([0, ""]);
  expect(JSON.parse(afterwards.stdout).queues[1].count).toBeGreaterThan(0);
  expect(await contentsOf(stage)).toEqual(before);
});

describe("custom modules", () => {
  const PLUGIN =
    'import { word } from "./word.js"; export default { async collect() { return [{ metric: word, value: 7 }]; } };\n';

  test("in JavaScript are loaded with any file extension, and TypeScript is refused with the command to type", async () => {
    const stage = await setUp(wasmQueues);
    const { dir } = stage.queues;
    await writeFile(join(dir, "word.js"), 'export const word = "attic";\n');
    for (const name of ["own.mjs", "own.js"]) await writeFile(join(dir, name), PLUGIN);
    await writeFile(
      join(dir, "own.cjs"),
      'module.exports = { async collect() { return [{ metric: "cellar", value: 8 }]; } };\n',
    );
    await writeFile(join(dir, "own.ts"), "export default { collect: (): unknown[] => [] };\n");
    await writeFile(
      join(dir, "wrapper.js"),
      "export default ({ metric, values }) => [{ metric, type: 'gauge', value: Math.max(...values) }];\n",
    );
    await stage.queues.write(RAW, [3, 9, 5].map(count));
    const paths = ["own.js", "own.mjs", "own.cjs", "own.ts"].map((name) => join(dir, name));
    const agent: Agent = await startAgent(
      ["run"],
      { ...stage.env, COLLECT_PLUGINS: JSON.stringify(paths), METRICS_WRAPPER: join(dir, "wrapper.js") },
      { program },
    );
    await agent.logged("own.ts is TypeScript");
    await arrived(stage, agent, () =>
      ["attic", "cellar", "my.count"].every((name) => stage.intake.sumOf(name) > 0),
    );
    expect(stage.intake.sumOf("my.count")).toBe(9);
    await endAgents();
  });
});

/** The database and its journal as they are on the disk. */
async function contentsOf({ queues }: Stage): Promise<[string, string][]> {
  const state = join(queues.dir, "state");
  const names = (await readdir(state)).filter((name) => !/-lock$|\.sock$/.test(name)).sort();
  return Promise.all(
    names.map(async (name): Promise<[string, string]> => [name, await readFile(join(state, name), "base64")]),
  );
}

function count(value: number) {
  return rawRecord({ metric: "my.count", type: "count", value, timestamp: Date.now() / 1000, tags: {} });
}
