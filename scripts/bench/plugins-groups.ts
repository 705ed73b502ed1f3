import { mkdirSync, readFileSync, rmdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseCgroupMounts } from "../../src/plugins/cgroups/cgroup-mounts.ts";

/** Control groups of services without processes; `root` is HOST_ROOT for them. */
export type Groups = Disposable & { root: string; kind: string };

/** Makes groups in the kernel, on cgroup v1; undefined without root or without cgroup v1. */
export function makeKernelGroups(count: number): Groups | undefined {
  const { v1 } = parseCgroupMounts(
    readFileSync("/proc/self/mountinfo", "utf8"),
    "/proc/self/mountinfo",
    () => {},
  );
  const [memory, cpuacct] = [v1.get("memory"), v1.get("cpuacct")];
  if (process.getuid?.() !== 0 || memory === undefined || cpuacct === undefined) return undefined;
  const parents = [...new Set([memory, cpuacct])].map((mount) => join(mount, "system.slice"));
  const directories = parents.flatMap((parent) => names(count).map((name) => join(parent, name)));
  const made = parents.filter((parent) => mkdirSync(parent, { recursive: true }) !== undefined);
  // An interrupted run may have left its groups.
  for (const directory of directories) mkdirSync(directory, { recursive: true });
  return {
    root: "/",
    kind: "the kernel's cgroup v1",
    [Symbol.dispose]: () => {
      for (const directory of [...directories, ...made]) rmdirSync(directory);
    },
  };
}

/** Makes groups of cgroup v2 as plain files below `directory`, next to this machine's /proc. */
export function makeFileGroups(count: number, directory: string): Groups {
  const write = (path: string, text: string) => {
    mkdirSync(join(directory, path, ".."), { recursive: true });
    writeFileSync(join(directory, path), text);
  };
  const own = readFileSync("/proc/1/mountinfo", "utf8").replace(/^.* - cgroup2? .*\n/gm, "");
  write("proc/1/mountinfo", `${own}900 1 0:90 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n`);
  for (const name of ["stat", "meminfo", "loadavg", "uptime", "self", "mounts"])
    symlinkSync(`/proc/${name}`, join(directory, "proc", name));
  write("sys/fs/cgroup/cgroup.controllers", "cpuset cpu io memory pids\n");
  for (const name of names(count)) {
    for (const [file, text] of Object.entries(V2_FILES))
      write(`sys/fs/cgroup/system.slice/${name}/${file}`, text);
  }
  return { root: directory, kind: "cgroup v2 as plain files", [Symbol.dispose]: () => {} };
}

function names(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `chouette-bench-${index}.service`);
}

const CAPTURED = "test/fixtures/cgroups/v2-bookworm/sys/fs/cgroup/system.slice/containerd.service";
const V2_FILES = Object.fromEntries(
  ["memory.current", "memory.stat", "cpu.stat", "io.stat", "pids.current", "memory.max", "memory.events"].map(
    (file) => [file, readFileSync(join(CAPTURED, file), "utf8")],
  ),
);
