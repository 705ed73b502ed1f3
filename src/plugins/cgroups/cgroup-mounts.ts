import { type Mount, parseMountinfo } from "../kernel/mountinfo.ts";
import type { Skip } from "../kernel/skipped-lines.ts";

/** The mounts of the control group hierarchies. */
export type CgroupMounts = {
  /** Mount points by controller, `memory` → `/sys/fs/cgroup/memory`; includes harmless entries for other mount options. */
  v1: ReadonlyMap<string, string>;
  v2: string | undefined;
};

/**
 * Finds the hierarchies in the text of a mountinfo:
 *
 *     35 31 0:32 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory
 *     30 24 0:27 / /sys/fs/cgroup rw,nosuid,nodev - cgroup2 cgroup2 rw,nsdelegate
 *
 * Where a hierarchy is mounted several times, a mount of its root comes before one of a part, then the first one wins:
 * the others are the copies inside containers.
 */
export function parseCgroupMounts(text: string, source: string, skip: Skip): CgroupMounts {
  const mounts = parseMountinfo(text, source, skip);
  const v1 = new Map<string, string>();
  let v2: string | undefined;
  for (const mount of [...mounts.filter(isWhole), ...mounts.filter((mount) => !isWhole(mount))]) {
    if (mount.type === "cgroup2") v2 ??= mount.point;
    if (mount.type === "cgroup")
      for (const option of mount.options) if (!v1.has(option)) v1.set(option, mount.point);
  }
  return { v1, v2 };
}

function isWhole(mount: Mount): boolean {
  return mount.root === "/";
}
