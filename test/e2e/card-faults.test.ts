import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type AgentEnv, startAgent } from "../helpers/agent.ts";
import { checkTotals, left, moreCaptures, numberedCaptures, times } from "./numbered-captures.ts";
import { cleanUp } from "./stage.ts";

setDefaultTimeout(60_000);

/** The bytes that test/helpers/card-shim.c knows. */
const FAULTS = { none: "0", "I/O errors": "e", "failing syncs": "s", "no space": "f", "short writes": "h" };

const SOURCE = resolve(import.meta.dir, "../helpers/card-shim.c");
const directory = mkdtempSync(join(tmpdir(), "chouette-card-"));
const shim = join(directory, "shim.so");

beforeAll(() => {
  execFileSync("cc", ["-shared", "-fPIC", "-O1", "-o", shim, SOURCE, "-ldl"]);
});
// The tests run side by side: they mostly wait for the next second.
afterAll(async () => {
  await cleanUp();
  rmSync(directory, { recursive: true });
});

/** A stage, the environment of an agent whose card can fail, and the switch for it. */
async function prepare(more: AgentEnv = {}) {
  const stage = await numberedCaptures(more);
  const control = join(stage.queues.dir, "control");
  writeFileSync(control, FAULTS.none);
  const state = stage.env.CHOUETTE_STATE_DIR ?? "";
  const env = { ...stage.env, LD_PRELOAD: shim, CARD_SHIM: control, CARD_SHIM_DIR: state };
  const turn = (fault: keyof typeof FAULTS) => {
    // Written in place: the agent has the file mapped.
    const file = openSync(control, "r+");
    writeSync(file, FAULTS[fault], 0);
    closeSync(file);
  };
  return { stage, env, turn };
}

test.concurrent.each(["I/O errors", "failing syncs", "no space"] as const)(
  "a card with %s that every commit goes to is logged once, everything is delivered meanwhile, and it is used again later",
  async (fault) => {
    const { stage, env, turn } = await prepare({ DURABILITY: "strict" });
    const agent = await startAgent(["run"], env);
    await moreCaptures(stage, agent, 2);
    turn(fault);
    await agent.logged("the card fails, records wait in RAM");
    await moreCaptures(stage, agent, 2);
    turn("none");
    await agent.logged("the card works again");
    await moreCaptures(stage, agent, 2);
    agent.kill("SIGTERM");
    const { code, stderr } = await agent.ended;
    expect([code, times(stderr, "the card fails"), times(stderr, "the card works again")]).toEqual([0, 1, 1]);
    checkTotals(stage);
    expect(await left(stage.env)).toEqual({ records: 0 });
  },
);

test.concurrent("an outage while the card has I/O errors costs nothing: what waits is in RAM after SIGTERM, and goes out after a start on the same card", async () => {
  const { stage, env, turn } = await prepare();
  const first = await startAgent(["run"], env);
  await moreCaptures(stage, first, 2);
  turn("I/O errors");
  stage.intake.respond(() => ({ status: 503 }));
  await first.logged("the card fails, records wait in RAM");
  first.kill("SIGTERM");
  const { code, stderr } = await first.ended;
  expect([code, times(stderr, "the card fails")]).toEqual([0, 1]);
  const ram = stage.env.CHOUETTE_RUNTIME_DIR;
  expect(stderr).toMatch(
    new RegExp(`[1-9] records wait in RAM \\(${ram}/.* are lost when this machine is switched off`),
  );

  stage.intake.respond(() => undefined);
  const second = await startAgent(["run"], env);
  await moreCaptures(stage, second, 4);
  turn("none");
  second.kill("SIGTERM");
  const ended = await second.ended;
  expect([ended.code, times(ended.stderr, "the card fails")]).toEqual([0, 1]);
  checkTotals(stage);
  expect(await left(stage.env)).toEqual({ records: 0 });
});

test.concurrent("a card that takes half of each write at a time is used as any other", async () => {
  const { stage, env, turn } = await prepare({ DURABILITY: "strict" });
  turn("short writes");
  const agent = await startAgent(["run"], env);
  await moreCaptures(stage, agent, 2);
  agent.kill("SIGTERM");
  const { code, stderr } = await agent.ended;
  expect([code, times(stderr, "the card fails")]).toEqual([0, 0]);
  checkTotals(stage);
  expect(await left(stage.env)).toEqual({ records: 0 });
});
