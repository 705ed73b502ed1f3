import { describe, expect, test } from "bun:test";
import { type Candidate, testPlugins } from "../../src/commands/test-plugins.ts";
import { ConfigError } from "../../src/errors.ts";
import { supervise } from "../../src/jobs/supervise.ts";
import type { Collector } from "../../src/plugins/plugin.ts";
import { testClock } from "../helpers/clock.ts";
import { absent, call, fails, memory, NOW, works } from "./test-plugins-rig.ts";

describe("test-plugins shows", () => {
  test("the points of a plugin that works", async () => {
    expect(await call({ host: works }, { names: ["host"] })).toEqual({
      code: 0,
      printed: `host: ok, 2 points in 250 ms (not configured)
  METRIC                        VALUE  TAGS
  Chouette.host.memory.used  669.5 MB
  Chouette.host.fs.used       24.6 GB  device:/dev/root

`,
      closed: ["host"],
    });
  });

  test("reason and remedy of a plugin whose device is absent", async () => {
    expect(await call({ rpi: absent }, { names: ["rpi"] })).toEqual({
      code: 0,
      printed: `rpi: nothing here, 0 points in 250 ms (not configured)
  why:   this is not a Raspberry Pi
  to do: Remove rpi from COLLECT_PLUGINS.

`,
      closed: ["rpi"],
    });
  });

  test("reason and remedy of a plugin that fails", async () => {
    expect(await call({ docker: { ...fails, configured: true } }, { names: ["docker"] })).toEqual({
      code: 1,
      printed: `docker: FAILED, 0 points in 250 ms
  why:   permission denied
  to do: sudo usermod -aG docker chouette

`,
      closed: ["docker"],
    });
  });

  test("the points and the reason of an incomplete capture, without control characters", async () => {
    const part = { capture: async () => ({ points: [memory], reason: "no swap:\u001b[2J none\nis set up" }) };
    expect((await call({ host: { ...part, configured: true } }, { names: ["host"] })).printed).toBe(
      `host: ok, 1 point in 250 ms
  METRIC                        VALUE  TAGS
  Chouette.host.memory.used  669.5 MB
  why:   no swap:\\u001b[2J none\\u000ais set up

`,
    );
  });

  test("the lines that a plugin has for the windows of applications", async () => {
    const own = { capture: async () => ({ points: [], lines: ["a:1|h", "b:2|s"] }) };
    expect((await call({ own }, { names: ["own"] })).printed).toBe(
      `own: ok, 0 points in 250 ms (not configured)
  for the windows: a:1|h
                   b:2|s

`,
    );
  });

  test("the invalid variable of a plugin", async () => {
    const candidate = {
      name: "k8s",
      configured: false,
      reason: 'K8S_STATS_SERVICE_PORT: got "x", expects a port',
      remedy: "fix the variable in the environment file",
    };
    expect(await call({ k8s: candidate })).toEqual({
      code: 0,
      printed: `k8s: FAILED, 0 points in 0 ms (not configured)
  why:   K8S_STATS_SERVICE_PORT: got "x", expects a port
  to do: fix the variable in the environment file

No plugin works on this machine; the reasons are above.
COLLECT_PLUGINS=[]
`,
      closed: [],
    });
  });
});

test("test-plugins runs one plugin after the other, each closed before the next begins", async () => {
  const events: string[] = [];
  const clock = testClock(NOW);
  const candidates = ["cgroups", "host", "rpi"].map((name): Candidate => {
    const collector: Collector = {
      collect: async (at) => {
        events.push(`${name} begins at ${at - NOW}`);
        await Promise.resolve();
        clock.pass(1);
        events.push(`${name} ends`);
        return { points: [] };
      },
      close: async () => void events.push(`${name} is closed`),
    };
    const plugin = supervise(name, collector, clock, { seconds: 10, maxPoints: 100 });
    return { name, configured: true, plugin };
  });
  let printed = "";
  const print = (text: string) => {
    printed += text;
  };
  await testPlugins(
    { print, clock, width: Number.POSITIVE_INFINITY, stop: new AbortController().signal },
    candidates,
    {
      json: true,
      named: false,
    },
  );
  expect(events).toEqual(
    ["cgroups", "host", "rpi"].flatMap((name, index) => [
      `${name} begins at ${index}`,
      `${name} ends`,
      `${name} is closed`,
    ]),
  );
  const { plugins } = JSON.parse(printed) as { plugins: { name: string; duration_ms: number }[] };
  expect(plugins.map(({ name, duration_ms }) => [name, duration_ms])).toEqual([
    ["cgroups", 1000],
    ["host", 1000],
    ["rpi", 1000],
  ]);
});

describe("the exit code of test-plugins", () => {
  const unset = (name: string) => ({
    name,
    configured: false,
    reason: `${name.toUpperCase()}_MAX: got "0", expects a number`,
    remedy: "fix the variable in the environment file",
  });

  test("is that of an invalid configuration when a variable of a named plugin is wrong, and nothing is tried", async () => {
    const tried: string[] = [];
    const plugins = {
      host: {
        capture: async () => {
          tried.push("host");
          return { points: [memory] };
        },
      },
      cgroups: unset("cgroups"),
      k8s: unset("k8s"),
    };
    for (const json of [false, true]) {
      const error = await call(plugins, { names: ["host", "cgroups", "k8s"], json }).catch((error) => error);
      expect(error).toEqual(
        new ConfigError(['CGROUPS_MAX: got "0", expects a number', 'K8S_MAX: got "0", expects a number']),
      );
    }
    expect(tried).toEqual([]);
    expect((await call(plugins)).code).toBe(0);
  });

  test.each([
    ["all plugins work or are absent", { host: works, rpi: absent }, [], 0],
    ["a plugin that is not configured fails", { host: works, docker: fails }, [], 0],
    ["a configured plugin fails", { host: works, docker: { ...fails, configured: true } }, [], 1],
    ["a named plugin fails", { docker: fails }, ["docker"], 1],
    ["a named plugin is absent", { rpi: absent }, ["rpi"], 0],
  ])("when %s", async (_, plugins, names, code) => {
    expect((await call(plugins, { names })).code).toBe(code);
    expect((await call(plugins, { names, json: true })).code).toBe(code);
  });
});

test("test-plugins --json prints one document", async () => {
  const { printed } = await call(
    { host: { ...works, configured: true }, rpi: absent, docker: fails },
    { json: true },
  );
  expect(printed.endsWith("}\n")).toBe(true);
  const common = { type: "gauge", timestamp: Math.floor(NOW) };
  expect(JSON.parse(printed)).toEqual({
    plugins: [
      {
        name: "host",
        ok: true,
        configured: true,
        duration_ms: expect.any(Number),
        points: [
          { metric: "Chouette.host.memory.used", value: 669_500_000, tags: [], ...common },
          { metric: "Chouette.host.fs.used", value: 24_600_000_000, tags: ["device:/dev/root"], ...common },
        ],
        reason: null,
        remedy: null,
      },
      {
        name: "rpi",
        ok: true,
        configured: false,
        duration_ms: expect.any(Number),
        points: [],
        reason: "this is not a Raspberry Pi",
        remedy: "Remove rpi from COLLECT_PLUGINS.",
      },
      {
        name: "docker",
        ok: false,
        configured: false,
        duration_ms: expect.any(Number),
        points: [],
        reason: "permission denied",
        remedy: "sudo usermod -aG docker chouette",
      },
    ],
  });
});
