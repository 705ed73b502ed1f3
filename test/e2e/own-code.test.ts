import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { type Agent, runAgent, startAgent } from "../helpers/agent.ts";
import { rawRecord, sqliteQueues } from "../helpers/queues.ts";
import { arrived, cleanUp, type Stage, setUp } from "./stage.ts";

/** What custom modules and commands do to the agent, and what remains of them when it ends. */
setDefaultTimeout(60_000);

let stage: Stage;
beforeEach(async () => {
  stage = await setUp(sqliteQueues);
});
afterEach(cleanUp);

describe("an uncaught error of a module costs one log line", () => {
  test.each([
    ["from a timer", "setTimeout(() => { throw new Error('late boom'); }, 50);"],
    ["from a forgotten promise", "Promise.reject(new Error('late boom'));"],
    ["again and again", "setInterval(() => { throw new Error('late boom'); }, 1);"],
  ])("%s", async (_, body) => {
    const module = await moduleOf(body);
    const agent = await startAgent(["run"], { ...stage.env, COLLECT_PLUGINS: module });
    await arrived(stage, agent, () => stage.intake.sumOf("calls") >= 1 + 2 + 3);
    const { code, stderr } = await endOf(agent);
    const errors = stderr
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line))
      .filter(({ level }) => level === "error");
    expect([code, errors.length]).toEqual([0, 1]);
    expect(errors[0].msg).toContain("uncaught error");
    expect(errors[0].err.message).toBe("late boom");
    expect(errors[0].err.stack).toContain(module);
  });

  test("in test-plugins too", async () => {
    const module = await moduleOf(
      "setTimeout(() => { throw new Error('late boom'); }, 1); await new Promise((done) => setTimeout(done, 100));",
    );
    const { code, stdout, stderr } = await runAgent(["test-plugins", "--json", module], {});
    expect([code, JSON.parse(stdout).plugins[0].ok, stderr.trim().split("\n").length]).toEqual([0, true, 1]);
    expect(JSON.parse(stderr).err.message).toBe("late boom");
  });
});

test("a module that blocks the processor is named, and no other plugin", async () => {
  const module = await moduleOf("for (const end = Date.now() + 3500; Date.now() < end; );");
  const { stdout } = await runAgent(["test-plugins", "--json", module, "host"], { CAPTURE_INTERVAL: "1" });
  const [own, host] = JSON.parse(stdout).plugins;
  expect([own.ok, own.points.length, host.ok, host.points.length > 0]).toEqual([false, 1, true, true]);
  expect(own.reason).toMatch(/ \d+ s .*processor/);
});

describe("an agent that gets a signal to stop", () => {
  test("makes its last pass when the signal comes twice at once, as from timeout(1)", async () => {
    const { queues, intake, env } = stage;
    const agent = await startAgent(["run"], { ...env, RELEASE_INTERVAL: "3600", AGGREGATE_INTERVAL: "3600" });
    await agent.logged("starting");
    await queues.write("chouette:metrics:raw", [count(5)]);
    agent.kill("SIGTERM");
    agent.kill("SIGINT");
    expect([(await agent.ended).code, intake.sumOf("my.count")]).toEqual([0, 5]);
  });

  test("ends at once when the signal comes again after a second, and leaves no command behind", async () => {
    const { queues, intake, env } = stage;
    intake.respond(() => "hang");
    const { item, pid } = stubborn();
    const agent = await startAgent(["run"], { ...env, COLLECT_PLUGINS: item });
    await queues.write("chouette:metrics:raw", [count(5)]);
    while (pid() === undefined) await turn();
    const begin = performance.now();
    let over = false;
    agent.ended.then(() => {
      over = true;
    });
    while (!over) {
      agent.kill("SIGTERM");
      await turn();
    }
    expect((await agent.ended).code).toBe(130);
    expect(performance.now() - begin).toBeGreaterThan(1000);
    expect(await isGone(pid())).toBe(true);
  });

  test("reports no failure of the capture it interrupts, and ends a command that ignores SIGTERM", async () => {
    const { item, pid } = stubborn();
    const agent = await startAgent(["run"], { ...stage.env, COLLECT_PLUGINS: item, CAPTURE_INTERVAL: "10" });
    while (pid() === undefined) await turn();
    const { code, stderr } = await endOf(agent);
    expect([code, stderr.includes("plugin exec:trap"), await isGone(pid())]).toEqual([0, false, true]);
  });
});

test("test-plugins leaves no command behind that ignores SIGTERM", async () => {
  const { command, pid } = stubborn();
  const { code } = await runAgent(["test-plugins", command], { CAPTURE_INTERVAL: "1" });
  expect([code, await isGone(pid())]).toEqual([1, true]);
});

/** Writes a module that does this in its collect and counts its calls; returns its path. */
async function moduleOf(body: string): Promise<string> {
  const path = join(stage.queues.dir, "own.js");
  await writeFile(
    path,
    `let calls = 0;\nexport default { async collect() {\n${body}\ncalls++; return [{ metric: "calls", value: calls }];\n} };\n`,
  );
  return path;
}

/** A command that never ends and ignores SIGTERM, as an argument and as COLLECT_PLUGINS, and its pid once it has started. */
function stubborn() {
  const file = join(stage.queues.dir, "stubborn.pid");
  const command = `exec:trap "" TERM; echo $$ > ${file}; while :; do sleep 1; done`;
  const pid = () => {
    try {
      return Number(readFileSync(file, "utf8")) || undefined;
    } catch {
      return undefined;
    }
  };
  return { command, item: JSON.stringify([command]), pid };
}

/** Waits until a process is gone from /proc, or a zombie; the kernel takes a moment to deliver a signal. */
async function isGone(pid = 0): Promise<boolean> {
  for (const end = performance.now() + 10_000; performance.now() < end; await turn()) {
    try {
      if (/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"))) return true;
    } catch {
      return pid > 1;
    }
  }
  return false;
}

function endOf(agent: Agent): Agent["ended"] {
  agent.kill("SIGTERM");
  return agent.ended;
}

function count(value: number) {
  return rawRecord({ metric: "my.count", type: "count", value, timestamp: Date.now() / 1000, tags: {} });
}
