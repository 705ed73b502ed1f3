import { describe, expect, test } from "bun:test";
import { parseCall } from "../../src/start/call.ts";
import type { Call } from "../../src/start/command-line.ts";
import { ALL_QUEUES } from "../../src/storage/storage.ts";

const known = { queues: ALL_QUEUES, plugins: ["docker", "host", "rpi"] };

/** What the words come to, and what was written on the way. */
function parse(...words: string[]): { call: Call | number; printed: string; noted: string } {
  let [printed, noted] = ["", ""];
  const call = parseCall(words, "1.2.3", known, {
    print: (text) => {
      printed += text;
    },
    note: (text) => {
      noted += text;
    },
  });
  return { call, printed, noted };
}

const builtIn = (name: string) => ({ type: "built-in", name }) as const;
const common = { envFile: undefined, logLevel: undefined };
const run = { ...common, command: "run", dryRun: false, check: false } satisfies Call;
const flush = { ...common, command: "flush", dryRun: false, json: false, timeout: undefined } satisfies Call;
const inspect: Call & { command: "inspect-queue" } = {
  ...common,
  command: "inspect-queue",
  json: false,
  health: false,
  watch: undefined,
  peek: 0,
  queues: [...ALL_QUEUES],
};
const testPlugins: Call & { command: "test-plugins" } = {
  ...common,
  command: "test-plugins",
  json: false,
  plugins: [],
};

test("the command of the Python agent is refused with what to remove", () => {
  const { call, noted } = parse("python3", "-m", "chouette_iot");
  expect(call).toBe(2);
  expect(noted).toContain("Remove `command:`");
});

describe("the command line parses", () => {
  test.each<[string, Call]>([
    ["run", run],
    ["run --dry-run", { ...run, dryRun: true }],
    ["run --check", { ...run, check: true }],
    ["run --env-file /etc/chouette/env", { ...run, envFile: "/etc/chouette/env" }],
    ["run --log-level DEBUG", { ...run, logLevel: "DEBUG" }],
    ["flush", flush],
    ["flush --dry-run --json", { ...flush, dryRun: true, json: true }],
    ["flush --timeout 2.5", { ...flush, timeout: 2.5 }],
    ["flush --env-file=f --log-level=ERROR", { ...flush, envFile: "f", logLevel: "ERROR" }],
    ["inspect-queue", inspect],
    ["status", inspect],
    ["inspect-queue --json --peek 5", { ...inspect, json: true, peek: 5 }],
    ["inspect-queue --health", { ...inspect, health: true }],
    ["inspect-queue --watch", { ...inspect, watch: 5 }],
    ["inspect-queue --watch 0.5", { ...inspect, watch: 0.5 }],
    ["inspect-queue --peek 0", inspect],
    ["test-plugins", testPlugins],
    ["test-plugins --json host", { ...testPlugins, json: true, plugins: [builtIn("host")] }],
    ["test-plugins host rpi host", { ...testPlugins, plugins: [builtIn("host"), builtIn("rpi")] }],
    ["test-plugins HOST", { ...testPlugins, plugins: [builtIn("host")] }],
    ["test-plugins ./attic.js", { ...testPlugins, plugins: [{ type: "module", path: "./attic.js" }] }],
    ["test-plugins exec:uptime", { ...testPlugins, plugins: [{ type: "exec", command: "uptime" }] }],
  ])("chouette %s", (words, call) => {
    expect(parse(...words.split(" "))).toEqual({ call, printed: "", noted: "" });
  });

  test("a command with blanks is one word", () => {
    const plugins = [{ type: "exec", command: "df -h /" }];
    expect(parse("test-plugins", "exec:df -h /").call).toEqual({ ...testPlugins, plugins } as Call);
  });
});

describe("inspect-queue selects", () => {
  test.each([
    ["raw", ["chouette:metrics:raw", "chouette:metrics:raw:rejected"]],
    ["chouette:metrics:raw", ["chouette:metrics:raw"]],
    ["rejected", ALL_QUEUES.filter((queue) => queue.endsWith(":rejected"))],
    ["logs", ["chouette:logs:wrapped", "chouette:logs:wrapped:rejected"]],
    [
      "chouette:logs:wrapped raw",
      ["chouette:metrics:raw", "chouette:logs:wrapped", "chouette:metrics:raw:rejected"],
    ],
    ["raw raw", ["chouette:metrics:raw", "chouette:metrics:raw:rejected"]],
  ])("%s", (words, queues) => {
    expect(parse("inspect-queue", ...words.split(" ")).call).toEqual({ ...inspect, queues } as Call);
  });
});

describe("a mistake in the command line is reported in a line with exit code 2", () => {
  test.each([
    ["runn", "unknown command 'runn'\n(Did you mean run?)"],
    ["tset", "unknown command 'tset'\nTo see all commands: chouette --help\n"],
    ["version", "unknown command 'version'\n(Did you mean --version?)"],
    ["-v", "unknown option '-v'\n(Did you mean --version?)"],
    ["run now", "too many arguments for 'run'"],
    ["run --frob", "unknown option '--frob'"],
    ["run --json", "unknown option '--json'"],
    ["run --env-file", "option '--env-file <file>' argument missing"],
    ["flush --timeout", "option '--timeout <seconds>' argument missing"],
    ["flush --timeout soon", "argument 'soon' is invalid."],
    ["flush --timeout 0", "argument '0' is invalid."],
    ["flush --timeout -5", "argument '-5' is invalid."],
    ["flush --timeout 1e3", "argument '1e3' is invalid."],
    ["inspect-queue --watch raw", "argument 'raw' is invalid."],
    ["inspect-queue --peek", "option '--peek <n>' argument missing"],
    ["inspect-queue --peek many", "argument 'many' is invalid."],
    ["inspect-queue --peek 10000", "argument '10000' is invalid."],
    ["inspect-queue raw metric:raw", ": chouette:metrics:raw, chouette:metrics:wrapped,"],
    ["test-plugins hots", "Unknown plugin. Did you mean host? Known plugins: docker, host, rpi;"],
    ["test-plugins thermometer.js", "Did you mean ./thermometer.js?"],
    ["test-plugins host constructor", "Unknown plugin. Known plugins: docker, host, rpi;"],
    ["test-plugins exec:", "a command is missing after exec:, as in exec:uptime"],
  ])("chouette %s", (words, sentence) => {
    const { call, printed, noted } = parse(...words.split(" "));
    expect({ call, printed }).toEqual({ call: 2, printed: "" });
    expect(noted).toStartWith("error: ");
    expect(noted).toContain(sentence);
  });

  test("without a command it lists the commands", () => {
    const { call, printed, noted } = parse();
    expect({ call, printed }).toEqual({ call: 2, printed: "" });
    expect(noted).toContain("chouette run --dry-run");
  });
});

describe("help and version are results", () => {
  test("--version", () => {
    expect(parse("--version")).toEqual({ call: 0, printed: "1.2.3\n", noted: "" });
  });

  test("--help has the four commands and examples of each", () => {
    const { call, printed, noted } = parse("--help");
    expect({ call, noted }).toEqual({ call: 0, noted: "" });
    const commands = ["run", "flush", "inspect-queue", "test-plugins"];
    for (const command of commands) expect(printed).toMatch(new RegExp(`^  ${command}[ |]`, "m"));
    for (const example of ["run", "flush", "status", "test-plugins"])
      expect(printed).toContain(`  chouette ${example} `);
  });

  test.each(["run", "flush", "inspect-queue", "test-plugins"])("%s --help", (command) => {
    const { call, printed, noted } = parse(command, "--help");
    expect({ call, noted }).toEqual({ call: 0, noted: "" });
    expect(printed).toMatch(new RegExp(`^Usage: chouette ${command}(\\|status)? \\[options\\]`));
    for (const option of ["--env-file <file>", "--log-level <level>", "--help"])
      expect(printed).toContain(option);
  });
});
