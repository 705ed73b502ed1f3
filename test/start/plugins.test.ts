import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Config, loadConfig } from "../../src/config/config.ts";
import { parsePluginChoice } from "../../src/config/plugin-choice.ts";
import type { Env } from "../../src/config/variable.ts";
import { systemClock } from "../../src/schedule/clock.ts";
import { builtInPlugins } from "../../src/start/built-in-plugins.ts";
import { appPlugins, pluginCandidates } from "../../src/start/plugins.ts";
import { KEY, sources } from "../config/load.ts";

const EXAMPLES = join(import.meta.dir, "..", "fixtures", "own-plugins");
const root = mkdtempSync(join(tmpdir(), "app-plugins-"));
mkdirSync(join(root, "proc"));
writeFileSync(join(root, "proc", "loadavg"), "0.31 0.40 0.52 2/312 4711\n");
afterAll(() => rmSync(root, { recursive: true }));

const deps = { clock: systemClock, importModule: (path: string): Promise<unknown> => import(path) };
/** The item of COLLECT_PLUGINS that gives one gauge: `a:1`. */
const echo = (gauge: string) => `exec:echo '${gauge}|g'`;
const stop = new AbortController().signal;

function configOf(env: Env): Config {
  const pluginVariables = Object.fromEntries(
    Object.entries(builtInPlugins).map(([name, { variables }]) => [name, variables]),
  );
  return loadConfig({ API_KEY: KEY, HOST_ROOT: root, ...env }, sources, {
    pluginVariables,
    requireApiKey: true,
  });
}

/** What each candidate is: its name, whether it is configured, and its points by name or why there are none. */
async function tried(env: Env, ...names: string[]) {
  const candidates = pluginCandidates(
    configOf(env),
    names.map((name) => parsePluginChoice(name, Object.keys(builtInPlugins))),
    deps,
  );
  return Promise.all(
    candidates.map(async (candidate) => {
      const { name, configured } = candidate;
      if (!("plugin" in candidate)) return [name, configured, candidate.reason];
      const { points, reason } = await candidate.plugin.capture(1_700_000_000, stop);
      await candidate.plugin.close();
      return [name, configured, points.length > 0 ? points.map(({ metric }) => metric) : reason];
    }),
  );
}

describe("the configured plugins", () => {
  test("run in its order under their names, with the variables and the root of the host", async () => {
    const plugins = appPlugins(
      configOf({
        COLLECT_PLUGINS: JSON.stringify([echo("a:1"), "host", `${EXAMPLES}/thermometer.js`]),
        HOST_COLLECTOR_METRICS: "la,la5",
      }),
      deps,
    );
    expect(plugins.map(({ name }) => name)).toEqual(["exec:echo", "host", `${EXAMPLES}/thermometer.js`]);
    const outcomes = await Promise.all(plugins.map((plugin) => plugin.capture(1_700_000_000, stop)));
    expect(outcomes.map(({ ok, points }) => [ok, points.map(({ value }) => value)])).toEqual([
      [true, [1]],
      [true, [0.31, 0.4]],
      [true, []],
    ]);
    for (const plugin of plugins) await plugin.close();
  });

  test("two commands of one program have different names, so that neither hides the other", async () => {
    const names = appPlugins(
      configOf({ COLLECT_PLUGINS: JSON.stringify([echo("a:1"), echo("b:2"), echo("c:3"), "host"]) }),
      deps,
    ).map(({ name }) => name);
    expect(names).toEqual(["exec:echo", "exec:echo#2", "exec:echo#3", "host"]);
  });

  test("the arguments of a command, which may be secret, are not in its name", () => {
    const [plugin] = appPlugins(configOf({ COLLECT_PLUGINS: '["exec:curl -u me:secret http://x"]' }), deps);
    expect(plugin?.name).toBe("exec:curl");
  });

  test("has no plugins by default", () => {
    expect(appPlugins(configOf({}), deps)).toEqual([]);
  });
});

describe("the plugins to test", () => {
  test("without names: the configured ones first, then every other built-in one", async () => {
    const found = (
      await tried({ COLLECT_PLUGINS: JSON.stringify([echo("a:1"), "host"]), HOST_COLLECTOR_METRICS: "la" })
    ).map(([name, configured]) => [name, configured]);
    const others = Object.keys(builtInPlugins).filter((name) => name !== "host");
    expect(found).toEqual([["exec:echo", true], ["host", true], ...others.map((name) => [name, false])]);
  });

  test("only the named ones, whether configured or not", async () => {
    const env = { COLLECT_PLUGINS: "host", HOST_COLLECTOR_METRICS: "la" };
    expect(await tried(env, "rpi", "host")).toEqual([
      ["rpi", false, expect.stringContaining("this is not a Raspberry Pi")],
      ["host", true, ["Chouette.host.la"]],
    ]);
  });

  test("a module and a command that are configured nowhere", async () => {
    expect(await tried({}, join(EXAMPLES, "thermometer.js"), echo("a:1"))).toEqual([
      [join(EXAMPLES, "thermometer.js"), false, "collect returned an empty list"],
      ["exec:echo", false, ["a"]],
    ]);
  });

  test("a configured command by the name that logs give it, and as it stands in COLLECT_PLUGINS", async () => {
    const env = { COLLECT_PLUGINS: JSON.stringify([echo("a:1"), echo("b:2")]) };
    expect(await tried(env, "exec:echo", "exec:echo#2", echo("b:2"))).toEqual([
      ["exec:echo", true, ["a"]],
      ["exec:echo#2", true, ["b"]],
      ["exec:echo#2", true, ["b"]],
    ]);
  });

  test("one with invalid variables has a reason, and the others are tested", async () => {
    const env = { K8S_STATS_SERVICE_PORT: "x", HOST_COLLECTOR_METRICS: "la" };
    expect(await tried(env, "k8s", "host")).toEqual([
      ["k8s", false, 'K8S_STATS_SERVICE_PORT: got "x", expects a whole number from 1 to 65535'],
      ["host", false, ["Chouette.host.la"]],
    ]);
  });
});

describe("a capture returns at most PLUGIN_MAX_POINTS points", () => {
  const many = join(root, "many.js");
  writeFileSync(
    many,
    "export default { collect: () => Array.from({ length: 3000 }, (_, n) => ({ metric: 'a' + n, value: n })) };",
  );

  test.each([
    ["host", { HOST_COLLECTOR_METRICS: "la,la5", PLUGIN_MAX_POINTS: "1" }, 1],
    [many, {}, 2000],
    ["exec:seq 3000 | sed 's/.*/a&:1|g/'", {}, 2000],
    [many, { PLUGIN_MAX_POINTS: "2500" }, 2500],
  ])("%s with %p", async (item, more, most) => {
    const env = { COLLECT_PLUGINS: JSON.stringify([item]), ...more };
    const [plugin] = appPlugins(configOf(env), deps);
    const outcome = await plugin?.capture(1_700_000_000, stop);
    expect({ ...outcome, points: outcome?.points.length, duration: 0 }).toEqual({
      plugin: plugin?.name ?? "",
      ok: false,
      points: most,
      duration: 0,
      reason: `more than PLUGIN_MAX_POINTS=${most} points at once; the others were left out`,
      remedy: "Raise PLUGIN_MAX_POINTS, or let the plugin report less.",
    });
  });
});
