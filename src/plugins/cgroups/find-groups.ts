import type { Io } from "../plugin.ts";
import { type Identity, identify } from "./identity.ts";

/** The kernel's own files in the directory of a group. systemd and the runtimes give no group such a name. */
const KERNEL_FILE =
  /^(?:(?:cgroup|cpu|cpuacct|cpuset|memory|io|blkio|pids|hugetlb|rdma|misc|dmem|irq|devices|freezer|net_cls|net_prio|perf_event|debug)\..+|tasks|notify_on_release|release_agent)$/;

/** Units that have a group and hold neither services nor containers. */
const OTHER_UNIT = /\.(?:mount|automount|swap|socket|device|scope)$/;

/** Services that may keep containers below themselves, and the manager of a user's services. */
const PARENT_SERVICE = /^(?:user@\d+|containerd|docker|crio|k3s|k3s-agent|kubelet|balena)\.service$/;

const MAX_DEPTH = 12;

export type Found = {
  /** By path below the hierarchy, `system.slice/ssh.service`. */
  groups: ReadonlyMap<string, Identity>;
  /** Why some directories could not be looked into. */
  failures: readonly Error[];
};

/**
 * All containers, services and sessions of the mounted hierarchies. None of them holds another: what runs inside a
 * container or a service is part of it, and a service that holds containers is left out as slices are, or their memory
 * would be counted twice.
 */
export async function findGroups(io: Io, mounts: Iterable<string>): Promise<Found> {
  const groups = new Map<string, Identity>();
  const failures: Error[] = [];
  for (const mount of new Set(mounts))
    for (const [path, identity] of await groupsBelow(io, mount, "", 0, failures)) groups.set(path, identity);
  return { groups, failures };
}

async function groupsBelow(
  io: Io,
  mount: string,
  path: string,
  depth: number,
  failures: Error[],
): Promise<[string, Identity][]> {
  const names = await io.list(`${mount}${path}`).catch((error: Error) => {
    failures.push(error);
    return [];
  });
  const found: [string, Identity][] = [];
  for (const name of names) {
    if (KERNEL_FILE.test(name)) continue;
    const child = `${path}/${name}`;
    const identity = identify(child.slice(1));
    const mayHoldGroups = identity === undefined ? !OTHER_UNIT.test(name) : PARENT_SERVICE.test(name);
    const below =
      mayHoldGroups && depth < MAX_DEPTH ? await groupsBelow(io, mount, child, depth + 1, failures) : [];
    found.push(...below);
    if (identity !== undefined && below.length === 0) found.push([child.slice(1), identity]);
  }
  return found;
}
