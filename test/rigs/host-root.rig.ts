import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, rmdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { executable } from "../../scripts/build/executable.ts";
import { runAgent } from "../helpers/agent.ts";
import { type ContainerEngine, startDocker } from "./container-engines.ts";

/** scripts/test.sh: the executable in a real container. With HOST_ROOT it tells of the host, without of its container. As root. */
setDefaultTimeout(60_000);

/** In the image there is nothing but busybox; the executable needs the C library. */
const LIBRARIES = ["-v", "/lib:/lib:ro", "-v", "/lib64:/lib64:ro"];
const HOST = ["-v", "/:/host:ro", "-e", "HOST_ROOT=/host"];
const DOCKER_DATA = "/var/lib/docker";
const METRICS = {
  HOST_COLLECTOR_METRICS: "cpu fs la ram network uptime",
  CGROUP_METRICS: "memory cpu limit",
};
const MIB = 1024 * 1024;

let engine: ContainerEngine;
let made: string | undefined;
beforeAll(async () => {
  // Names of containers are looked for in Docker's own folder; the rig's engine has another, which is mounted there.
  made = mkdirSync(DOCKER_DATA, { recursive: true });
  engine = await startDocker();
  await engine.run("busy-bee", ["--memory=32m"], "sh", "-c", "while :; do :; done");
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  if (made !== undefined) rmdirSync(made);
});

describe.each([
  ["with --pid=host", ["--pid=host"]],
  ["with processes of its own", []],
])("HOST_ROOT in a container %s", (_case, options) => {
  let inContainer: Tested;
  beforeAll(async () => {
    const names = ["-v", `${join(dirname(engine.socketPath), "data")}:/host${DOCKER_DATA}:ro`];
    inContainer = await testedInContainer("the-agent", [...options, ...HOST, ...names]);
  });

  test("the host plugin has the same values as outside", async () => {
    const { code, stdout } = await runAgent(["test-plugins", "--json", "host"], METRICS);
    expect(code).toBe(0);
    const outside = tested(stdout);
    expect(inContainer.host.reason).toBeNull();
    expect(seriesOf(inContainer.host)).toEqual(seriesOf(outside.host));
    expect(seriesOf(inContainer.host)).toContainEqual(expect.stringMatching(/^network\.bytes\.recv iface:/));
    for (const name of ["memory.available", "fs.used", "fs.free", "uptime"])
      expect(value(inContainer.host, name) / value(outside.host, name)).toBeWithin(0.9, 1.1);
  });

  test("its own container and its neighbor have their names, sizes and limits", () => {
    const { cgroups } = inContainer;
    expect(cgroups.reason).toBeNull();
    expect(seriesOf(cgroups).filter((series) => /busy-bee|the-agent/.test(series))).toEqual([
      "cpu.percentage container:busy-bee",
      "cpu.percentage container:the-agent",
      "memory.limit container:busy-bee",
      "memory.working_set container:busy-bee",
      "memory.working_set container:the-agent",
    ]);
    expect(value(cgroups, "memory.limit", "container:busy-bee")).toBe(32 * MIB);
    expect(value(cgroups, "memory.working_set", "container:the-agent")).toBeGreaterThan(5 * MIB);
    expect(value(cgroups, "cpu.percentage", "container:busy-bee")).toBeGreaterThan(10);
  });
});

test("without HOST_ROOT a container sees itself, and gets the remedy", async () => {
  const { host, cgroups } = await testedInContainer("lonely", []);
  expect(seriesOf(host).filter((series) => series.startsWith("network"))).toEqual([]);
  expect(host.reason).toBe("network: there is no interface but lo");
  expect([cgroups.points, cgroups.reason, cgroups.remedy]).toEqual([
    [],
    expect.stringMatching(
      /^the agent runs in a container \([0-9a-f]{12}\) and sees only its own control group$/,
    ),
    "Give it the host's files: docker run -v /:/host:ro -e HOST_ROOT=/host …",
  ]);
});

type Plugin = {
  name: string;
  points: { metric: string; value: number; tags: string[] }[];
  reason: string | null;
  remedy: string | null;
};
type Tested = { host: Plugin; cgroups: Plugin };

async function testedInContainer(name: string, options: readonly string[]): Promise<Tested> {
  const program = ["-v", `${await executable()}:/chouette:ro`, ...LIBRARIES];
  const env = Object.entries(METRICS).flatMap(([key, text]) => ["-e", `${key}=${text}`]);
  const container = ["--rm", "--network=none", "--name", name, ...program, ...env, ...options];
  const command = ["/chouette", "test-plugins", "--json", "host", "cgroups"];
  return tested(await engine.cli("run", ...container, "busybox:rig", ...command));
}

function tested(stdout: string): Tested {
  const { plugins } = JSON.parse(stdout) as { plugins: Plugin[] };
  return Object.fromEntries(plugins.map((plugin) => [plugin.name, plugin])) as Tested;
}

/** `memory.limit container:busy-bee`, sorted. */
function seriesOf({ points }: Plugin): string[] {
  return points
    .map(({ metric, tags }) => [metric.replace(/^Chouette\.(host|cgroups)\./, ""), ...tags].join(" "))
    .sort();
}

function value({ points }: Plugin, name: string, tag?: string): number {
  const point = points.find(
    ({ metric, tags }) => metric.endsWith(`.${name}`) && (tag === undefined || tags.includes(tag)),
  );
  return point?.value ?? Number.NaN;
}
