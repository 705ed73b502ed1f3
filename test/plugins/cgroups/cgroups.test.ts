import { expect, test } from "bun:test";
import { readVariables } from "../../../src/config/variable.ts";
import { PluginError } from "../../../src/errors.ts";
import { cgroups } from "../../../src/plugins/cgroups/cgroups.ts";
import type { Io } from "../../../src/plugins/plugin.ts";
import { settings } from "../../helpers/plugin-settings.ts";
import { makeTree, makeV2 } from "./tree.ts";

const signal = new AbortController().signal;
const ID = "c".repeat(64);

function collector(io: Io, env: Record<string, string> = { CGROUP_METRICS: "memory" }) {
  const { values, issues } = readVariables(cgroups.variables, env);
  expect(issues).toEqual([]);
  return cgroups.create(values, io, settings);
}

/** Values by metric and tags. */
async function valuesOf(io: Io, env?: Record<string, string>) {
  const { points, reason } = await collector(io, env).collect(1000, signal);
  const rows = points.map(({ metric, tags, value }) => [`${metric} ${tags.join(" ")}`, value]);
  return { ...Object.fromEntries(rows), ...(reason === undefined ? {} : { reason }) };
}

test("defaults", () => {
  expect(readVariables(cgroups.variables, {})).toEqual({
    values: { metrics: ["memory", "cpu"], include: [], exclude: [], max: 50 },
    issues: [],
  });
});

test("every variable wrong at once", () => {
  const { issues } = readVariables(cgroups.variables, {
    CGROUP_METRICS: "ram",
    CGROUP_INCLUDE: "[1",
    CGROUP_EXCLUDE: "[{}]",
    CGROUP_MAX: "0",
  });
  expect(issues).toEqual([
    'CGROUP_METRICS: got "ram", expects a list of memory, cpu, io, pids, limit, oom, psi',
    'CGROUP_INCLUDE: got "[1", expects a list of globs, such as ["web*","system.slice/*"]',
    'CGROUP_EXCLUDE: got "[{}]", expects a list of globs, such as ["systemd-*"]',
    'CGROUP_MAX: got "0", expects a whole number from 1 to 1000',
  ]);
});

test("a group that ends between the list and the reading costs nothing", async () => {
  using tree = makeV2({ "system.slice/a.service": 1, "system.slice/b.service": 2 });
  const io: Io = {
    ...tree.io,
    readTextSync(path) {
      if (path.endsWith("a.service/memory.current")) tree.remove("/sys/fs/cgroup/system.slice/a.service");
      return tree.io.readTextSync(path);
    },
  };
  expect(await valuesOf(io)).toEqual({ "Chouette.cgroups.memory.working_set unit:b.service": 2 });
});

test("all groups end in the meantime", async () => {
  using tree = makeV2({ "system.slice/a.service": 1 });
  const io: Io = {
    ...tree.io,
    readTextSync: (path) => (path.includes("a.service") ? undefined : tree.io.readTextSync(path)),
  };
  expect(await valuesOf(io)).toEqual({ reason: "no control group has a figure for memory" });
});

test("one file that cannot be parsed affects no other", async () => {
  using tree = makeV2({ "system.slice/a.service": 1, "system.slice/b.service": 2 });
  tree.write("/sys/fs/cgroup/system.slice/a.service/memory.current", "much\n");
  tree.write("/sys/fs/cgroup/system.slice/a.service/pids.current", "3\n");
  const values = await valuesOf(tree.io, { CGROUP_METRICS: "memory pids" });
  expect(values).toEqual({
    "Chouette.cgroups.memory.working_set unit:b.service": 2,
    "Chouette.cgroups.pids unit:a.service": 3,
    reason: expect.stringContaining('a.service/memory.current: "much\\n"'),
  });
});

test("rejects with a remedy when nothing can be read", async () => {
  using tree = makeV2({ "system.slice/a.service": 1 });
  const io: Io = {
    ...tree.io,
    readTextSync(path) {
      if (path.includes("a.service")) throw new Error(`cannot read ${path}: permission denied`);
      return tree.io.readTextSync(path);
    },
  };
  const error = await collector(io)
    .collect(1000, signal)
    .catch((error) => error);
  expect(error).toBeInstanceOf(PluginError);
  expect(error.message).toContain("/sys/fs/cgroup/system.slice/a.service/memory.current: permission denied");
  expect(error.remedy).toContain("sudo chouette test-plugins cgroups");
});

test("the working set is never below zero", async () => {
  using tree = makeV2({ "system.slice/a.service": 100 });
  tree.write("/sys/fs/cgroup/system.slice/a.service/memory.stat", "inactive_file 101\n");
  expect(await valuesOf(tree.io)).toEqual({ "Chouette.cgroups.memory.working_set unit:a.service": 0 });
});

test("reads three files of a group by default, and nothing of what is not asked for", async () => {
  using tree = makeV2({ "system.slice/a.service": 1, "system.slice/b.service": 1 });
  const read: string[] = [];
  const io: Io = {
    ...tree.io,
    readTextSync(path) {
      read.push(path);
      return tree.io.readTextSync(path);
    },
  };
  await collector(io, { CGROUP_EXCLUDE: "b.service" }).collect(1000, AbortSignal.abort());
  expect(read.filter((path) => path.includes(".service")).sort()).toEqual([
    "/sys/fs/cgroup/system.slice/a.service/cpu.stat",
    "/sys/fs/cgroup/system.slice/a.service/memory.current",
    "/sys/fs/cgroup/system.slice/a.service/memory.stat",
  ]);
});

test("CPU from capture to capture by the machine's own clock, whatever the time of day does", async () => {
  using tree = makeV2({ "system.slice/a.service": 1 });
  const capture = collector(tree.io, { CGROUP_METRICS: "cpu" });
  await capture.collect(2_000_000_000, AbortSignal.abort());
  tree.write("/proc/uptime", "130.00 0.00\n");
  tree.write("/sys/fs/cgroup/system.slice/a.service/cpu.stat", "usage_usec 15001000\n");
  const { points } = await capture.collect(1000, signal);
  expect(points).toEqual([
    {
      metric: "Chouette.cgroups.cpu.percentage",
      tags: ["unit:a.service"],
      timestamp: 1000,
      value: 50,
      type: "gauge",
    },
  ]);
});

test.each([
  ["by path", { CGROUP_INCLUDE: "docker/*" }, ["container:web"]],
  ["by name of the container", { CGROUP_INCLUDE: "web" }, ["container:web"]],
  ["by unit", { CGROUP_INCLUDE: "a.serv?ce" }, ["unit:a.service"]],
  ["excluded after all", { CGROUP_INCLUDE: "*", CGROUP_EXCLUDE: "user.slice/*,web" }, ["unit:a.service"]],
  ["sessions only when asked for", { CGROUP_INCLUDE: "session-*" }, ["unit:session-1.scope user:1000"]],
  ["by user", { CGROUP_INCLUDE: "1000" }, ["unit:session-1.scope user:1000"]],
  ["nothing said", {}, ["container:web", "unit:a.service"]],
])("globs: %s", async (_name, env, expected) => {
  using tree = makeV2({
    "system.slice/a.service": 1,
    [`docker/${ID}`]: 2,
    "user.slice/user-1000.slice/session-1.scope": 3,
  });
  tree.write(`/var/lib/docker/containers/${ID}/config.v2.json`, '{"Name":"/web"}');
  const values = await valuesOf(tree.io, { CGROUP_METRICS: "memory", ...env });
  expect(Object.keys(values)).toEqual(expected.map((tags) => `Chouette.cgroups.memory.working_set ${tags}`));
});

test("more groups than CGROUP_MAX: the small ones together", async () => {
  const groups = Object.fromEntries(
    Array.from({ length: 60 }, (_, index) => [`system.slice/s${index}.service`, index]),
  );
  using tree = makeV2(groups);
  const { points } = await collector(tree.io).collect(1000, signal);
  expect(points).toHaveLength(51);
  expect(points.at(0)).toMatchObject({ tags: ["unit:s59.service"], value: 59 });
  // 0 + 1 + … + 9
  expect(points.at(-1)).toMatchObject({ tags: ["group:other"], value: 45 });
});

test("malformed mountinfo names the file and the line", async () => {
  using tree = makeTree({ "/proc/1/mountinfo": "30 24\n" });
  await expect(collector(tree.io).collect(1000, signal)).rejects.toThrow('/proc/1/mountinfo: "30 24"');
});
