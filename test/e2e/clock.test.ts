import { afterEach, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { startAgent } from "../helpers/agent.ts";
import { sqliteQueues } from "../helpers/queues.ts";
import { arrived, cleanUp, type Stage, setUp } from "./stage.ts";

setDefaultTimeout(60_000);
afterEach(cleanUp);

const SOURCE = resolve(import.meta.dir, "../helpers/clock-shim.c");
const directory = mkdtempSync(join(tmpdir(), "chouette-clock-"));
const [shim, offset] = [join(directory, "shim.so"), join(directory, "offset")];

beforeAll(() => {
  execFileSync("cc", ["-shared", "-fPIC", "-O1", "-o", shim, SOURCE, "-ldl"]);
});

/** Sets the clock of the agents to so many seconds beside the right time. */
function turn(seconds: number): void {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(Math.round(seconds)));
  writeFileSync(offset, bytes);
}

/** Seconds and values of the captures that arrived. */
function captures({ intake }: Stage): [second: number, value: number][] {
  return [...intake.series]
    .filter(([name]) => name.startsWith("captures|"))
    .flatMap(([, seconds]) => [...seconds])
    .sort(([a], [b]) => a - b);
}

/** An agent with a command that numbers its captures, below a clock that is off. */
async function start(seconds: number) {
  const stage = await setUp(sqliteQueues);
  turn(seconds);
  const count = join(stage.queues.dir, "count");
  const script = join(stage.queues.dir, "captures.sh");
  writeFileSync(script, `echo x >>${count}; echo "captures:$(wc -l <${count})|g"\n`);
  const env = {
    ...stage.env,
    COLLECT_PLUGINS: `["exec:sh ${script}"]`,
    CLOCK_SHIM: offset,
    LD_PRELOAD: shim,
  };
  const agent = await startAgent(["run"], env);
  return { stage, agent };
}

test("an agent that starts in 1970 without a network sends everything with its right time once the clock is set", async () => {
  const begin = Math.floor(Date.now() / 1000);
  const { stage, agent } = await start(1000 - begin);
  stage.intake.respond(() => "reset");
  await stage.intake.until(() => stage.intake.requests.length >= 3);
  turn(0);
  stage.intake.respond(() => undefined);
  await arrived(stage, agent, () => captures(stage).length >= 5);
  const found = captures(stage);
  expect(found.filter(([second]) => second < begin || second > Date.now() / 1000 + 1)).toEqual([]);
  expect(found.map(([, value]) => value)).toEqual(found.map((_, place) => place + 1));
  expect(stage.intake.conflicts).toEqual([]);
});

test("a clock that jumps to tomorrow and back, and one that is set back by 10 s, cost no capture and double none", async () => {
  const { stage, agent } = await start(0);
  await arrived(stage, agent, () => captures(stage).length >= 2);
  const more = async () => {
    const { length } = captures(stage);
    await arrived(stage, agent, () => captures(stage).length >= length + 2);
  };
  turn(86_400);
  await agent.next("the clock of this machine is not confirmed");
  turn(0);
  await more();
  turn(-10);
  await more();
  agent.kill("SIGTERM");
  await agent.ended;
  const values = captures(stage).map(([, value]) => value);
  expect(values.toSorted((a, b) => a - b)).toEqual(values.map((_, place) => place + 1));
  expect(stage.intake.conflicts).toEqual([]);
});
