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

describe("the command line", () => {
  test("--version prints the version, and in a second line the runtime", async () => {
    expect(await runAgent(["--version"], {})).toEqual({
      code: 0,
      signal: null,
      stdout: `${version}\nruntime: Bun ${Bun.version}\n`,
      stderr: "",
    });
  });

  test.each([[["--help"]], [["help"]]])("%p shows every command", async (words) => {
    const { code, stdout, stderr } = await runAgent(words, {});
    expect([code, stderr]).toEqual([0, ""]);
    for (const command of ["run", "flush", "inspect-queue", "test-plugins"])
      expect(stdout).toMatch(new RegExp(`^  ${command}(\\|status)?  `, "m"));
    expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
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
    [["flush", "--timeout", "soon"], "'soon'"],
    [["flush", "--timeout", "0"], "'0'"],
    [["inspect-queue", "traces"], "chouette:metrics:raw"],
    [["inspect-queue", "--peek", "-1"], "9999"],
    [["test-plugins", "hots"], "host"],
    [["flush", "--env-file", "/nowhere/chouette.env"], "/nowhere/chouette.env"],
    [["run", "--log-level", "loud"], 'LOG_LEVEL: got "loud"'],
  ])("rejects %p with exit code 2", async (words, message) => {
    const { code, stdout, stderr } = await runAgent(words, stage.env);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(message);
  });
});

describe("an invalid configuration", () => {
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
    expect(title).toMatch(/configuration.*:$/);
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

  test("is not what an unreachable storage is: exit code 1, and the command to type", async () => {
    for (const words of [["inspect-queue"], ["inspect-queue", "--json"], ["flush"]]) {
      const { code, stdout, stderr } = await runAgent(words, {
        ...stage.env,
        REDIS_URL: "unix:///nowhere/redis.sock",
      });
      expect([words, code]).toEqual([words, 1]);
      expect(stdout + stderr).toContain("sudo systemctl start redis-server");
    }
  });

  test("inspect-queue names a missing database and the command to type, and creates nothing", async () => {
    const state = `${stage.queues.dir}/other`;
    const { code, stdout, stderr } = await runAgent(["inspect-queue"], {
      ...stage.env,
      CHOUETTE_STATE_DIR: state,
    });
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain(`${state}/chouette.db`);
    expect(stderr).toContain("sudo systemctl start chouette");
    expect(await Bun.file(`${state}/chouette.db`).exists()).toBe(false);
  });
});
