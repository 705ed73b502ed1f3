import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { Glob } from "bun";
import { readVariables } from "../../src/config/variable.ts";
import { createIo } from "../../src/io/io.ts";
import { docker } from "../../src/plugins/docker/docker.ts";
import type { Capture } from "../../src/plugins/plugin.ts";
import { settings } from "../helpers/plugin-settings.ts";
import { type ContainerEngine, startDocker, startPodman } from "./container-engines.ts";

/** scripts/test.sh: the plugin on real engines, its values beside those of their own `stats`. */
setDefaultTimeout(60_000);

const ALL = "memory,cpu,raw,network,io,restarts,cpu_percentage";
const MIB = 1024 * 1024;
const never = new AbortController().signal;

/** With half a core: half a core busy, and 16 MiB in use. */
const LOAD = ["dd", "if=/dev/zero", "of=/dev/null", "bs=16M"];
/** So little that a busy machine gives it all of it, in every second the same. */
const STEADY = ["--cpu-period=20000", "--cpu-quota=3000"];
/** 20 MiB of page cache, inactive because they are written and never read. */
const WRITER = ["sh", "-c", "dd if=/dev/zero of=/tmp/file bs=1M count=20 && echo written; sleep 10000"];
/** Fails once, then stays. */
const UNLUCKY = ["sh", "-c", "test -e /tmp/again && sleep 10000; : > /tmp/again; false"];

describe("Docker Engine", () => {
  let engine: ContainerEngine;
  beforeAll(async () => {
    engine = await startDocker();
  });
  afterAll(() => engine[Symbol.asyncDispose]());

  /** What `docker stats` prints, by container. */
  async function dockerStats(): Promise<Record<string, { memory: number; percent: number }>> {
    const printed = await engine.cli("stats", "--no-stream", "--format", "{{json .}}");
    return Object.fromEntries(printed.split("\n").map(parseShown));
  }

  test("without containers", async () => {
    expect(await capturer(engine)()).toMatchObject({ points: [], reason: "no container is running" });
  });

  test("memory agrees with docker stats within a tenth", async () => {
    await engine.run("load", ["--cpus=0.5"], ...LOAD);
    await engine.run("writer", [], ...WRITER);
    await engine.until(["logs", "-f", "writer"], /written/);

    // The kernel sorts the writer's pages into active and inactive in its own time, also between the two looks.
    let capture: Capture;
    const quotients: number[] = [];
    do {
      const shown = await dockerStats();
      capture = await capturer(engine)();
      expect(Object.keys(shown).sort()).toEqual(["load", "writer"]);
      expectWithinTenth(value(capture, "load", "memory.usage"), shown.load?.memory);
      quotients.push((value(capture, "writer", "memory.usage") ?? 0) / (shown.writer?.memory ?? 0));
    } while (!quotients.some((quotient) => Math.abs(quotient - 1) < 0.1) && quotients.length < 10);
    expect(quotients.filter((quotient) => Math.abs(quotient - 1) < 0.1)).toHaveLength(1);
    expect(value(capture, "load", "memory.usage")).toBeGreaterThan(16 * MIB);
    expect(value(capture, "writer", "memory.raw")).toBeGreaterThan(20 * MIB);
    expect(value(capture, "writer", "memory.usage")).toBeLessThan(10 * MIB);
  });

  test("CPU is the kernel's over the same seconds, and near what docker stats shows of one", async () => {
    const kernel = kernelCounter(await engine.run("steady", STEADY, ...LOAD));
    const capture = capturer(engine);
    /** A capture, between two looks at the kernel's counter and at the clock. */
    const look = async () => {
      const before = { used: kernel(), ns: performance.now() * 1e6 };
      const seen = await capture();
      return { before, seen, after: { ns: performance.now() * 1e6, used: kernel() } };
    };
    const first = await look();
    const shown: number[] = [];
    while (shown.length < 2) shown.push((await dockerStats()).steady?.percent ?? 0);
    const second = await look();

    expect(first.seen.reason).toBe("cpu.percentage comes with the next capture");
    for (const { before, seen, after } of [first, second])
      expectBetween(before.used, value(seen, "steady", "cpu.usage"), after.used);
    // The engine tells when it read to the millisecond.
    const longest = second.after.ns - first.before.ns + 1e6;
    const shortest = second.before.ns - first.after.ns - 1e6;
    const percentage = value(second.seen, "steady", "cpu.percentage");
    expectBetween(
      (100 * (second.before.used - first.after.used)) / longest,
      percentage,
      (100 * (second.after.used - first.before.used)) / shortest,
    );
    await engine.cli("rm", "-f", "steady");

    // docker stats takes two counters one after the other, each second: on a busy machine it is far off, so only the nearest
    // of its numbers counts, which still tells percent of one core from a share and from the sum since the start.
    const nearest = Math.min(...shown.map((percent) => Math.abs(Math.log2(percent / (percentage ?? 0)))));
    expect(nearest).toBeLessThan(1);
  });

  test("only running and paused containers are there, and restarts are counted", async () => {
    await engine.run("unlucky", ["--restart=on-failure"], ...UNLUCKY);
    await engine.until(
      ["events", "--since=0", "--filter=container=unlucky", "--filter=event=start"],
      /start/,
      2,
    );
    await engine.run("done", [], "true");
    await engine.cli("wait", "done");
    await engine.cli("create", "--name=created", "--network=none", "busybox:rig", "true");
    await engine.cli("pause", "writer");

    const capture = await capturer(engine)();
    expect(containersIn(capture)).toEqual(["load", "unlucky", "writer"]);
    expect(value(capture, "unlucky", "restarts")).toBe(1);
    expect(value(capture, "load", "restarts")).toBe(0);
  });

  test("a container that ends between two captures disappears silently, and the others stay", async () => {
    const capture = capturer(engine);
    expect(containersIn(await capture())).toContain("load");
    await engine.cli("rm", "-f", "load");
    const after = await capture();
    expect(containersIn(after)).toEqual(["unlucky", "writer"]);
    expect(after.reason).toBeUndefined();
  });
});

describe("Podman", () => {
  let engine: ContainerEngine;
  beforeAll(async () => {
    engine = await startPodman();
  });
  afterAll(() => engine[Symbol.asyncDispose]());

  test("memory agrees with podman stats within a tenth, and CPU time is plausible", async () => {
    await engine.run("load", ["--cpus=0.5"], ...LOAD);
    await engine.run("done", [], "true");
    await engine.cli("wait", "done");

    const capture = capturer(engine);
    const first = await capture();
    expect(first.reason).toBe("cpu.percentage comes with the next capture");
    const [shown] = JSON.parse(await engine.cli("stats", "--no-stream", "--format=json", "load"));
    // On a busy machine the container may get no CPU at all between two looks.
    let second = await capture();
    while (value(second, "load", "cpu.percentage") === 0) second = await capture();

    expect(second.reason).toBeUndefined();
    expect(containersIn(second)).toEqual(["load"]);
    expectWithinTenth(value(second, "load", "memory.usage"), bytes(shown.mem_usage));
    expect(value(second, "load", "restarts")).toBe(0);
    expect(value(first, "load", "cpu.usage")).toBeLessThanOrEqual(nanoseconds(shown.cpu_time));
    expect(value(second, "load", "cpu.usage")).toBeGreaterThanOrEqual(nanoseconds(shown.cpu_time));
    expectBetween(0, value(second, "load", "cpu.percentage"), 100);
  });
});

/** Captures of one collector, so that the second one knows the first. */
function capturer({ socketPath }: ContainerEngine): () => Promise<Capture> {
  const { values } = readVariables(docker.variables, { DOCKER_SOCKET_PATH: socketPath, DOCKER_METRICS: ALL });
  const collector = docker.create(values, createIo({ root: "/" }), settings);
  return () => collector.collect(60, never);
}

function containersIn({ points }: Capture): string[] {
  return [...new Set(points.flatMap(({ tags }) => tags))].map((tag) => tag.replace("container:", "")).sort();
}

function value({ points }: Capture, container: string, metric: string): number | undefined {
  return points.find(
    (point) => point.metric === `Chouette.docker.${metric}` && point.tags[0] === `container:${container}`,
  )?.value;
}

/** Reads the nanoseconds of CPU time that the kernel counts for the container: cgroup v1, or v2 (`usage_usec 55535`). */
function kernelCounter(id: string): () => number {
  const find = (file: string) => [
    ...new Glob(`**/*${id}*/${file}`).scanSync({ cwd: "/sys/fs/cgroup", absolute: true }),
  ];
  const [v1] = find("cpuacct.usage");
  if (v1 !== undefined) return () => Number(readFileSync(v1, "utf8"));
  const [v2 = "no group of the container"] = find("cpu.stat");
  return () => 1000 * Number(/^usage_usec (\d+)/m.exec(readFileSync(v2, "utf8"))?.[1]);
}

function expectBetween(least: number, value: number | undefined, most: number): void {
  expect(value).toBeGreaterThanOrEqual(least);
  expect(value).toBeLessThanOrEqual(most);
}

function expectWithinTenth(ours: number | undefined, theirs: number | undefined): void {
  expect((ours ?? 0) / (theirs ?? 0)).toBeWithin(0.9, 1.1);
}

/** `{"Name":"load","CPUPerc":"49.33%","MemUsage":"16.4MiB / 23.54GiB",…}` */
function parseShown(line: string): [name: string, shown: { memory: number; percent: number }] {
  const { Name, CPUPerc, MemUsage } = JSON.parse(line);
  return [Name, { memory: bytes(MemUsage), percent: Number.parseFloat(CPUPerc) }];
}

/** Docker counts in powers of 1024 (`16.4MiB / …`), Podman of 1000 (`17.1MB / …`). */
function bytes(shown: string): number {
  const [, amount, unit = ""] = /^([\d.]+)(\w+)/.exec(shown) ?? [];
  return (
    Number(amount) * (unit.endsWith("iB") ? 1024 : 1000) ** "BkMG".indexOf((unit[0] ?? "").replace("K", "k"))
  );
}

/** A duration as Go prints it: `1.064619417s`, `283.284006ms`, `1m2.5s`. */
function nanoseconds(duration: string): number {
  const units: Record<string, number> = { h: 3600e9, m: 60e9, s: 1e9, ms: 1e6, µs: 1e3, ns: 1 };
  const parts = [...duration.matchAll(/([\d.]+)([a-zµ]+)/g)];
  // 260.230893ms times 1e6 is 260230892.99999997.
  return Math.round(
    parts.reduce((total, [, amount, unit = ""]) => total + Number(amount) * (units[unit] ?? Number.NaN), 0),
  );
}
