import { afterAll, afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json, startDockerEngine } from "../../scripts/servers/docker-engine.ts";
import { endAgents, runAgent } from "../helpers/agent.ts";
import { fixture, makeRoots } from "./test-plugins-host-root/make-roots.ts";

/** `chouette test-plugins` in a container on some devices: HOST_ROOT is where the device's own files lie. */
setDefaultTimeout(30_000);

const directory = mkdtempSync(join(tmpdir(), "chouette-host-root-"));
const roots = makeRoots(directory);
afterAll(() => rmSync(directory, { recursive: true }));
afterEach(endAgents);

describe("test-plugins shows", () => {
  test("a Raspberry Pi 4 with Docker", async () => {
    await using engine = await startDocker();
    const { code, stdout, stderr } = await testPlugins([], roots.pi4, {
      DOCKER_SOCKET_PATH: engine.socketPath,
    });
    expect([code, stderr]).toEqual([0, ""]);
    expect(masked(stdout)).toBe(expected("pi4.txt"));
  });

  test("a Raspberry Pi 5 as delivered, without vcgencmd", async () => {
    const { code, stdout, stderr } = await testPlugins(["cgroups", "rpi"], roots.pi5);
    expect([code, stderr]).toEqual([0, ""]);
    expect(masked(stdout)).toBe(expected("pi5.txt"));
  });

  test("a Jetson Nano without tegrastats", async () => {
    const { code, stdout, stderr } = await testPlugins([], roots.nano);
    expect([code, stderr]).toEqual([0, ""]);
    expect(masked(stdout)).toBe(expected("nano.txt"));
  });

  test("a container without the host's files", async () => {
    const { code, stdout, stderr } = await testPlugins([], roots.empty);
    expect([code, stderr]).toEqual([0, ""]);
    expect(masked(stdout)).toBe(expected("empty.txt"));
  });
});

test("the last line of test-plugins is a valid configuration for this machine", async () => {
  await using engine = await startDocker();
  const env = { DOCKER_SOCKET_PATH: engine.socketPath };
  const { stdout } = await testPlugins([], roots.pi4, env);
  const envFile = join(directory, "chouette.env");
  writeFileSync(envFile, stdout.trimEnd().split("\n").at(-1) ?? "");
  const { code, plugins } = await testedJson(["--env-file", envFile], roots.pi4, env);
  expect(code).toBe(0);
  const configured = plugins.filter((plugin) => plugin.configured);
  expect(configured.map(({ name, ok }) => [name, ok])).toEqual([
    ["cgroups", true],
    ["docker", true],
    ["host", true],
    ["rpi", true],
  ]);
  expect(plugins.filter(({ points }) => points.length > 0)).toEqual(configured);
});

test("test-plugins --json prints one document with the values that are sent", async () => {
  const begin = Math.floor(Date.now() / 1000);
  const { code, plugins } = await testedJson(["rpi", "k8s"], roots.pi4);
  const timestamp = plugins[0]?.points[0]?.timestamp ?? 0;
  expect(timestamp).toBeWithin(begin, Date.now() / 1000 + 1);
  const gauge = (name: string, value: number) => ({
    metric: `Chouette.rpi.${name}`,
    type: "gauge",
    value,
    tags: [],
    timestamp,
  });
  const rpi = {
    name: "rpi",
    ok: true,
    configured: false,
    duration_ms: expect.any(Number),
    points: [
      gauge("temperature", 62.322),
      gauge("under_voltage", 0),
      gauge("under_voltage.since_boot", 0),
      gauge("frequency_capped", 0),
      gauge("frequency_capped.since_boot", 0),
      gauge("throttled", 0),
      gauge("throttled.since_boot", 0),
      gauge("soft_temp_limit", 0),
      gauge("soft_temp_limit.since_boot", 1),
      gauge("root.read_only", 0),
    ],
    reason: null,
    remedy: null,
  };
  const k8s = {
    name: "k8s",
    ok: true,
    configured: false,
    duration_ms: expect.any(Number),
    points: [],
    reason: expect.stringContaining("K8S_STATS_SERVICE_IP"),
    remedy: expect.stringContaining("kubectl get nodes -o wide"),
  };
  expect([code, plugins]).toEqual([0, [rpi, k8s]]);
});

test.each(["pi4", "pi5", "nano", "empty"] as const)(
  "test-plugins --json of %s has the same reasons and remedies as the screen",
  async (name) => {
    const { stdout } = await testPlugins([], roots[name]);
    const { plugins } = await testedJson([], roots[name]);
    const state = (plugin: Tested) => {
      if (!plugin.ok) return "FAILED";
      return plugin.points.length > 0 ? "ok" : "nothing here";
    };
    const heads = plugins.map((plugin) => `${plugin.name}: ${state(plugin)}, ${plugin.points.length} point`);
    expect(heads).toEqual([...stdout.matchAll(/^\w+: [\w ]+, \d+ point/gm)].map(([head]) => head));
    const texts = (plugin: Tested) => [plugin.reason ?? [], plugin.remedy ?? []].flat();
    expect(plugins.flatMap(texts)).toEqual(
      [...stdout.matchAll(/^ {2}(?:why: {3}|to do: )(.*)$/gm)].map(([, text = ""]) => text),
    );
  },
);

test("test-plugins shows plausible values for CPU and disks", async () => {
  const { plugins } = await testedJson(["host"], roots.pi4);
  const values = Object.groupBy(plugins[0]?.points ?? [], ({ metric }) => metric.replace(/\.\w+$/, ""));
  const [cpu] = values["Chouette.host.cpu"] ?? [];
  expect(cpu?.value).toBeWithin(0, 100.001);
  expect(values["Chouette.host.fs"]).toHaveLength(4);
  for (const { value } of values["Chouette.host.fs"] ?? []) expect(value).toBeGreaterThan(0);
});

test("test-plugins without the host's files fails only for configured plugins that need them", async () => {
  const { code, plugins } = await testedJson([], roots.empty, { COLLECT_PLUGINS: "host rpi" });
  expect(code).toBe(1);
  expect(plugins.map(({ name, ok, configured }) => [name, ok, configured])).toEqual([
    ["host", false, true],
    ["rpi", true, true],
    ["cgroups", false, false],
    ["docker", true, false],
    ["dramatiq", true, false],
    ["k8s", true, false],
    ["tegrastats", true, false],
  ]);
  expect((await testPlugins([], roots.empty, { COLLECT_PLUGINS: "rpi" })).code).toBe(0);
});

type Tested = {
  name: string;
  ok: boolean;
  configured: boolean;
  points: { metric: string; value: number; timestamp: number }[];
  reason: string | null;
  remedy: string | null;
};

/** Without tegrastats and Docker of the machine that runs the test; only vcgencmd, on a Raspberry Pi, would be found. */
function testPlugins(words: readonly string[], root: string, env: Readonly<Record<string, string>> = {}) {
  return runAgent(["test-plugins", ...words], {
    TEGRASTATS_PATH: "/nowhere/tegrastats",
    DOCKER_SOCKET_PATH: "/nowhere/docker.sock",
    HOST_ROOT: root,
    ...env,
  });
}

async function testedJson(words: readonly string[], root: string, env?: Readonly<Record<string, string>>) {
  const { code, stdout } = await testPlugins(["--json", ...words], root, env);
  return { code, plugins: (JSON.parse(stdout) as { plugins: Tested[] }).plugins };
}

function startDocker() {
  const stats = (file: string) => json(200, JSON.parse(fixture(`docker/captures/http/${file}`)));
  return startDockerEngine({
    "/containers/json": json(200, [
      { Id: "1c8f", Names: ["/web"], State: "running" },
      { Id: "e5b2", Names: ["/db"], State: "running" },
    ]),
    "/containers/1c8f/stats": stats("stats-v2-ecs.json"),
    "/containers/e5b2/stats": stats("stats-v1-goclient.json"),
  });
}

/** Durations, this machine's own CPU and disks, and advice that depends on who runs the tests, and where, as `#`; the table of which they set the width with two blanks between columns. */
function masked(text: string): string {
  return text
    .replace(/ in \d+ ms/g, " in # ms")
    .replace(/to do: .*(?:vcgencmd in the image|raspi-utils).*/g, "to do: # (vcgencmd)")
    .replace(/(Chouette\.host\.(?:cpu\.percentage|fs\.\w+) +)[\d.]+ (?:%|[kMGT]?B)/g, "$1#")
    .replace(/^host: ok.*\n(?: {2}(?:METRIC|Chouette).*\n)+/m, (host) => host.replace(/ {2,}/g, "  "));
}

/** `pi4.txt` and the others: what the owner of the device reads. */
function expected(name: string): string {
  return readFileSync(join(import.meta.dir, "test-plugins-host-root", name), "utf8");
}
