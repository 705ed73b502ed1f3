import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { version } from "../../package.json";
import { runAgent } from "../helpers/agent.ts";
import { sqliteQueues } from "../helpers/queues.ts";
import { cleanUp, type Stage, setUp } from "./stage.ts";

setDefaultTimeout(30_000);

let stage: Stage;
beforeEach(async () => {
  stage = await setUp(sqliteQueues);
});
afterEach(cleanUp);

describe("words", () => {
  test("--version", async () => {
    expect(await runAgent(["--version"], {})).toEqual({
      code: 0,
      signal: null,
      stdout: `${version}\n`,
      stderr: "",
    });
  });

  test.each([[["--help"]], [["help"]]])("%p shows every command", async (words) => {
    const { code, stdout, stderr } = await runAgent(words, {});
    expect([code, stderr]).toEqual([0, ""]);
    for (const command of ["run", "flush", "inspect-queue", "test-plugins"])
      expect(stdout).toMatch(new RegExp(`^  ${command} \\[options\\]`, "m"));
  });

  test.each(["run", "flush", "inspect-queue", "test-plugins"])("%s --help", async (command) => {
    const { code, stdout, stderr } = await runAgent([command, "--help"], {});
    expect([code, stderr]).toEqual([0, ""]);
    for (const option of [`Usage: chouette ${command}`, "--env-file <file>", "--log-level <level>", "--help"])
      expect(stdout).toContain(option);
  });

  test.each([
    [[], "Usage: chouette"],
    [["fly"], "unknown command 'fly'"],
    [["run", "--fast"], "unknown option '--fast'"],
    [["run", "now"], "too many arguments"],
    [["flush", "--timeout", "soon"], "Give seconds, such as 5."],
    [["flush", "--timeout", "0"], "Give seconds, such as 5."],
    [["inspect-queue", "events"], "chouette:metrics:raw"],
    [["inspect-queue", "--peek", "-1"], "Give a number from 0 to 9999."],
    [["test-plugins", "hots"], "host"],
    [["flush", "--env-file", "/nowhere/chouette.env"], "/nowhere/chouette.env"],
    [["run", "--log-level", "loud"], 'LOG_LEVEL: got "loud"'],
  ])("%p is a mistake", async (words, said) => {
    const { code, stdout, stderr } = await runAgent(words, stage.env);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(said);
  });
});

describe("a configuration that has to be mended", () => {
  test.each(["run", "flush"])("%s names every mistake at once", async (command) => {
    const { code, stdout, stderr } = await runAgent([command], {
      HOME: stage.queues.dir,
      CHOUETTE_STATE_DIR: "state",
      RELEASE_INTERVAL: "soon",
      COLLECT_PLUGINS: "host,gpu",
      HOST_COLLECTOR_METRICS: "cpu,fan",
      DD_SITE: "https://datadoghq.eu",
    });
    expect([code, stdout]).toEqual([2, ""]);
    const [title, ...mistakes] = stderr.trimEnd().split("\n");
    expect(title).toBe("The configuration has to be mended:");
    expect(mistakes.map((line) => line.trim().split(": ")[0])).toEqual([
      "API_KEY",
      "DD_SITE",
      "RELEASE_INTERVAL",
      "CHOUETTE_STATE_DIR",
      "COLLECT_PLUGINS",
      "HOST_COLLECTOR_METRICS",
    ]);
    for (const line of mistakes) expect(line).toContain("expects");
  });

  test("a storage that cannot be reached is no mistake of the call: 1, with what to type", async () => {
    for (const words of [["inspect-queue"], ["inspect-queue", "--json"], ["flush"]]) {
      const { code, stdout, stderr } = await runAgent(words, {
        ...stage.env,
        REDIS_URL: "unix:///nowhere/redis.sock",
      });
      expect([words, code]).toEqual([words, 1]);
      expect(stdout + stderr).toContain("sudo systemctl start redis-server");
    }
  });

  test("where no agent has run, inspect-queue says so and creates nothing", async () => {
    const state = `${stage.queues.dir}/other`;
    const { code, stdout, stderr } = await runAgent(["inspect-queue"], {
      ...stage.env,
      CHOUETTE_STATE_DIR: state,
    });
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toBe(
      `There is no ${state}/chouette.db: no agent has run with this state directory yet. Type: sudo systemctl start chouette, or chouette run.\n`,
    );
    expect(await Bun.file(`${state}/chouette.db`).exists()).toBe(false);
  });
});
