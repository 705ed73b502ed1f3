import { readdirSync, readFileSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { isGone } from "./is-gone.ts";

/** Name of a machine and of its control groups: who has started it, as process and start time, and what tells it from others. */
const NAME = /\/chouette-(\d+)-(\d+)-[0-9a-f]{8}(?=\/|$)/;

/** A name that says which process it belongs to. */
export function machineName(unique: string): string {
  return `chouette-${process.pid}-${startTime(process.pid)}-${unique}`;
}

/**
 * Ends what is left of machines whose test run was killed: systemd-nspawn dies with the run, but the first process of a machine may
 * outlive it. `groups` are the folders in which machines get their control groups.
 */
export async function endLeftoverMachines(groups: readonly string[]): Promise<void> {
  const left = readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && isLeftover(groupsOf(pid)));
  for (const pid of left) kill(Number(pid));
  await Promise.all(left.map((pid) => isGone(Number(pid))));
  for (const parent of groups)
    for (const name of readdirSync(parent)) if (isLeftover(`/${name}`)) removeGroup(join(parent, name));
}

/** Removes a control group and those below it; no process may be left in them. */
export function removeGroup(group: string): void {
  for (const entry of readdirSync(group, { withFileTypes: true }))
    if (entry.isDirectory()) removeGroup(join(group, entry.name));
  rmdirSync(group);
}

function isLeftover(path: string): boolean {
  const [, pid = "", start = ""] = NAME.exec(path) ?? [];
  return pid !== "" && startTime(Number(pid)) !== start;
}

/** `12:name=systemd:/test/chouette-4711-99-0a1b2c3d/payload`, a line per hierarchy. */
function groupsOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, "utf8").replaceAll("\n", "/\n");
  } catch {
    return "";
  }
}

/** Field 22 of /proc/PID/stat, ticks since the machine started: with it, a number that was given again is another process. */
function startTime(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(") ") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has gone with the first process of its machine.
  }
}
