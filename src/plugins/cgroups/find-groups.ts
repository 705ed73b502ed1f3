import type { Io } from "../plugin.ts";
import { type Identity, identify } from "./identity.ts";

/** The kernel's own files in the directory of a group. systemd and the runtimes give no group such a name. */
const KERNEL_FILE =
  /^(?:(?:cgroup|cpu|cpuacct|cpuset|memory|io|blkio|pids|hugetlb|rdma|misc|dmem|irq|devices|freezer|net_cls|net_prio|perf_event|debug)\..+|tasks|notify_on_release|release_agent)$/;

/** Units that hold no groups of services or containers; a scope `machine-…` is another machine, and so is its content. */
const CLOSED_UNIT =
  /\.(?:mount|automount|swap|socket|device)$|^init\.scope$|^machine-.*\.scope$|^systemd-nspawn@.*\.service$/;

const MAX_DEPTH = 12;

export type Found = {
  /** Groups by path below the hierarchy, `system.slice/ssh.service`. */
  groups: ReadonlyMap<string, Identity>;
  /** Why some directories could not be looked into. */
  failures: readonly Error[];
};

/**
 * Finds all containers, services and sessions of the mounted hierarchies. None of them holds another: what runs inside a
 * container is part of it. A service or session that holds containers (the daemon of a Kubernetes, a quadlet of Podman) is left
 * out as slices are, or their memory would be counted twice; anything else below a service is part of it.
 */
export function findGroups(io: Pick<Io, "listSync" | "isLeafSync">, mounts: Iterable<string>): Found {
  const groups = new Map<string, Identity>();
  const failures: Error[] = [];

  function list(directory: string): string[] {
    try {
      // Most groups are services without groups below them, and there are hundreds.
      if (io.isLeafSync(directory)) return [];
      return io.listSync(directory).filter((name) => !KERNEL_FILE.test(name));
    } catch (error) {
      failures.push(error instanceof Error ? error : new Error(String(error)));
      return [];
    }
  }

  function groupsBelow(mount: string, path: string, unit: boolean): [string, Identity][] {
    const names = list(`${mount}${path}`);
    // A service in which another systemd runs is a machine of its own.
    if (unit && names.includes("init.scope")) return [];
    return names.flatMap((name): [string, Identity][] => {
      const child = `${path}/${name}`;
      const known = groups.get(child.slice(1));
      if (known !== undefined) return [[child.slice(1), known]];
      const identity = identify(child.slice(1));
      if (identity?.kind === "container") return [[child.slice(1), identity]];
      const isDeep = child.split("/").length > MAX_DEPTH + 1;
      const below =
        isDeep || CLOSED_UNIT.test(name) ? [] : groupsBelow(mount, child, unit || isUnit(name, identity));
      const isFound = identity !== undefined && !unit && below.length === 0;
      return isFound ? [[child.slice(1), identity]] : below;
    });
  }

  for (const mount of new Set(mounts))
    for (const [path, identity] of groupsBelow(mount, "", false)) groups.set(path, identity);
  return { groups, failures };
}

/** True when only containers matter below it. */
function isUnit(name: string, identity: Identity | undefined): boolean {
  return identity !== undefined || name.endsWith(".scope");
}
