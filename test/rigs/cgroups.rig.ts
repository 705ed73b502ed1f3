import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { readVariables } from "../../src/config/variable.ts";
import { createIo } from "../../src/io/io.ts";
import { parseCgroupMounts } from "../../src/plugins/cgroups/cgroup-mounts.ts";
import { cgroups } from "../../src/plugins/cgroups/cgroups.ts";
import type { Capture, Io } from "../../src/plugins/plugin.ts";
import { startDocker, startPodman } from "./container-engines.ts";

/**
 * The plugin on groups that the kernel really counts: bun test ./test/rigs/cgroups.rig.ts, as root, on a machine with
 * cgroup v1 or systemd's hybrid, with dockerd and podman. All groups it makes are called chouette-rig-*, and it removes them.
 */
setDefaultTimeout(60_000);

const MIB = 2 ** 20;
const ALL = "memory cpu io pids limit oom psi";
const [never, host] = [new AbortController().signal, createIo({ root: "/" })];
const mounts = parseCgroupMounts(readFileSync("/proc/1/mountinfo", "utf8"), "/proc/1/mountinfo", () => {});
const MEMORY = mounts.v1.get("memory") ?? "";
const CPUACCT = mounts.v1.get("cpuacct") ?? "";
const HIERARCHIES = ["memory", "cpuacct", "blkio", "pids"].map((name) => mounts.v1.get(name) ?? "");
const made = new Set<string>();
const children: ChildProcess[] = [];
const folder = mkdtempSync(join(tmpdir(), "cgroups-rig-"));

afterAll(async () => {
  for (const child of children) {
    child.kill("SIGKILL");
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  }
  for (const directory of [...made].reverse()) if (existsSync(directory)) rmdirSync(directory);
  rmSync(folder, { recursive: true });
});

describe("a group of cgroup v1", () => {
  test("memory, limit, tasks and CPU are those of its processes", async () => {
    const group = "system.slice/chouette-rig-busy.service";
    const directories = HIERARCHIES.map((mount) => make(mount, group));
    writeFileSync(join(MEMORY, group, "memory.limit_in_bytes"), String(64 * MIB));
    // 20 MiB of shared memory, then a loop that tells of itself. No I/O: Linux 6.18 counts it in v1 only under a limit.
    const child = await run(
      directories,
      `dd if=/dev/zero of=/dev/shm/${folderName()} bs=1M count=20 2>/dev/null
       while :; do i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; echo tick; done`,
    );
    await child.lines(1);
    const collector = collectorFor({ CGROUP_INCLUDE: "chouette-rig-busy*", CGROUP_METRICS: ALL });

    const before = cpuUsed(group);
    const first = values(await collector.collect(1000, never));
    const afterFirst = cpuUsed(group);
    await child.lines(8);
    const second = values(await collector.collect(1030, never));
    const after = cpuUsed(group);
    rmSync(`/dev/shm/${folderName()}`);

    expect(Object.keys(first)).toEqual([
      "memory.working_set",
      "cpu.percentage",
      "io.read",
      "io.write",
      "pids",
      "memory.limit",
      "memory.oom_kills",
    ]);
    expect(first).toMatchObject({ pids: 1, "memory.limit": 64 * MIB, "memory.oom_kills": 0 });
    expect(first["memory.working_set"]).toBeWithin(20 * MIB, 30 * MIB);
    // A tenth of a second on a clock of hundredths, beside a whole capture by another clock.
    expectWithin(first["cpu.percentage"], percentage(before, afterFirst), 0.35);
    expectWithin(second["cpu.percentage"], percentage(afterFirst, after), 0.1);
  });

  test("a process killed for memory is counted", async () => {
    const group = "system.slice/chouette-rig-hungry.service";
    const directory = make(MEMORY, group);
    writeFileSync(join(directory, "memory.swappiness"), "0");
    writeFileSync(join(directory, "memory.limit_in_bytes"), String(16 * MIB));
    const child = await run([directory], "tail /dev/zero; echo over; read forever");
    await child.lines(1);
    const capture = await collectorFor({
      CGROUP_INCLUDE: "chouette-rig-hungry*",
      CGROUP_METRICS: "oom",
    }).collect(1000, never);
    expect(values(capture)).toEqual({ "memory.oom_kills": 1 });
  });

  test("groups may end in the middle of a capture", async () => {
    const groups = Array.from(
      { length: 40 },
      (_, index) => `system.slice/chouette-rig-brief-${index}.service`,
    );
    const directories = groups.flatMap((group) => [make(MEMORY, group), make(CPUACCT, group)]);
    const seen: string[] = [];
    const io: Io = {
      ...host,
      // With every file of one group that is read, another group goes.
      readTextSync(path) {
        const last = path.includes("chouette-rig-brief") ? directories.pop() : undefined;
        if (last !== undefined) rmdirSync(last);
        seen.push(path);
        return host.readTextSync(path);
      },
    };
    const { points, reason } = await collectorFor({ CGROUP_INCLUDE: "chouette-rig-brief*" }, io).collect(
      1000,
      never,
    );
    expect(reason).toBeUndefined();
    expect(directories).toEqual([]);
    expect(points.length).toBeLessThan(80);
    expect(seen.length).toBeGreaterThan(40);
  });

  test("200 groups, each with its own series", async () => {
    for (let index = 0; index < 200; index += 1)
      for (const mount of [MEMORY, CPUACCT]) make(mount, `system.slice/chouette-rig-many-${index}.service`);
    const collector = collectorFor({ CGROUP_INCLUDE: "chouette-rig-many*", CGROUP_MAX: "200" });
    const { points, reason } = await collector.collect(1000, never);
    expect(reason).toBeUndefined();
    for (const metric of ["memory.working_set", "cpu.percentage"]) {
      const units = points
        .filter((point) => point.metric === `Chouette.cgroups.${metric}`)
        .map(({ tags }) => tags.join());
      const all = Array.from({ length: 200 }, (_, index) => `unit:chouette-rig-many-${index}.service`);
      expect(units.sort()).toEqual(all.sort());
    }
  });
});

test("a group of cgroup v2: its CPU and its pressure, without controllers", async () => {
  const group = "system.slice/chouette-rig-unified.service";
  const directory = make(mounts.v2 ?? "", group);
  const child = await run(
    [directory],
    "while :; do i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; echo tick; done",
  );
  await child.lines(1);
  const unifiedOnly = readFileSync("/proc/1/mountinfo", "utf8").replace(/^.* - cgroup .*\n/gm, "");
  const io: Io = {
    ...host,
    readText: async (path) => (path === "/proc/1/mountinfo" ? unifiedOnly : host.readText(path)),
  };
  const capture = await collectorFor(
    { CGROUP_INCLUDE: "chouette-rig-unified*", CGROUP_METRICS: "cpu psi" },
    io,
  ).collect(1000, never);
  expect(Object.keys(values(capture))).toEqual(["cpu.percentage", "psi.cpu", "psi.memory", "psi.io"]);
  expect(values(capture)["cpu.percentage"]).toBeWithin(0.1, 150);
});

test("a container of a real Docker Engine, by its name and with its limit", async () => {
  await using engine = await startDocker();
  const id = await engine.run("busy-bee", ["--memory=32m"], "sh", "-c", "while :; do :; done");
  // The rig's engine keeps its files beside its socket.
  const data = join(dirname(engine.socketPath), "data");
  const io: Io = { ...host, readText: (path) => host.readText(path.replace("/var/lib/docker", data)) };
  const capture = await collectorFor(
    { CGROUP_INCLUDE: "busy-bee", CGROUP_METRICS: "memory cpu limit pids" },
    io,
  ).collect(1000, never);
  expect(capture.points.map(({ tags }) => tags.join())).toEqual(Array(4).fill("container:busy-bee"));
  expect(values(capture)).toMatchObject({ pids: 1, "memory.limit": 32 * MIB });
  expect(values(capture)["cpu.percentage"]).toBeWithin(0.1, 150);

  const nameless = await collectorFor({ CGROUP_INCLUDE: id.slice(0, 12), CGROUP_METRICS: "pids" }).collect(
    1000,
    never,
  );
  expect(nameless.points.map(({ tags }) => tags)).toEqual([[`container:${id.slice(0, 12)}`]]);
});

test("a container of a real Podman, by its name", async () => {
  await using engine = await startPodman();
  await engine.run("lazy-bee", [], "sleep", "10000");
  // With the storage driver vfs instead of overlay, the list is of the same form in another folder.
  const list = join(dirname(engine.socketPath), "root", "vfs-containers", "containers.json");
  const io: Io = {
    ...host,
    readText: (path) => host.readText(path.endsWith("/overlay-containers/containers.json") ? list : path),
  };
  const capture = await collectorFor({ CGROUP_INCLUDE: "lazy-bee", CGROUP_METRICS: "pids" }, io).collect(
    1000,
    never,
  );
  expect(capture.points.map(({ tags }) => tags)).toEqual([["container:lazy-bee"]]);
});

function collectorFor(env: Record<string, string>, io: Io = host) {
  const { values, issues } = readVariables(cgroups.variables, env);
  expect(issues).toEqual([]);
  return cgroups.create(values, io, { captureInterval: 30, hostRoot: "/" });
}

/** By the name of the metric without its prefix. */
function values({ points }: Capture): Record<string, number> {
  return Object.fromEntries(
    points.map(({ metric, value }) => [metric.replace("Chouette.cgroups.", ""), value]),
  );
}

/** Makes a group, and remembers what has to go in the end. */
function make(mount: string, group: string): string {
  let directory = mount;
  for (const name of group.split("/")) {
    directory = join(directory, name);
    if (existsSync(directory)) continue;
    mkdirSync(directory);
    made.add(directory);
  }
  return directory;
}

/** Runs a script in the groups; `lines(n)` resolves when it has printed n more lines. */
async function run(directories: readonly string[], script: string) {
  const child = spawn("sh", ["-c", `read go; ${script}`], { stdio: ["pipe", "pipe", "ignore"] });
  children.push(child);
  for (const directory of directories) writeFileSync(join(directory, "cgroup.procs"), String(child.pid));
  child.stdin.write("go\n");
  const output = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async lines(count: number) {
      for (let line = 0; line < count; line += 1)
        if ((await output.next()).done) throw new Error("the script ended");
    },
  };
}

function cpuUsed(group: string) {
  const nanoseconds = Number(readFileSync(join(CPUACCT, group, "cpuacct.usage"), "utf8"));
  return { nanoseconds, at: performance.now() };
}

function percentage(before: ReturnType<typeof cpuUsed>, after: ReturnType<typeof cpuUsed>): number {
  return ((after.nanoseconds - before.nanoseconds) / 1e6 / (after.at - before.at)) * 100;
}

/** Within that share of the expected value. */
function expectWithin(value: number | undefined, expected: number, share: number): void {
  expect(value).toBeWithin(expected * (1 - share), expected * (1 + share));
}

function folderName(): string {
  return folder.slice(folder.lastIndexOf("/") + 1);
}
