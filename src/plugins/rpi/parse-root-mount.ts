import { parseMountinfo } from "../kernel/mountinfo.ts";
import type { Skip } from "../kernel/skipped-lines.ts";

export type RootMount = { readOnly: boolean };

/**
 * Tells whether the root filesystem is read-only, from a line of /proc/1/mounts: `/dev/root / ext4 rw,noatime,data=ordered 0 0`.
 * The kernel remounts it read-only after errors of the card (errors=remount-ro). The last mount on / is the visible one
 * (`rootfs / rootfs rw 0 0` may come first). Undefined without a root.
 */
export function parseRootMount(mounts: string): RootMount | undefined {
  const roots = mounts
    .split("\n")
    .map((line) => line.split(" "))
    .filter(([, mount]) => mount === "/");
  return fromOptions(roots.at(-1)?.[3]?.split(","));
}

/**
 * Tells the same from /proc/self/mountinfo of an agent whose service manager has mounted the root read-only
 * (ProtectSystem=strict): the superblock's options belong to the filesystem itself.
 */
export function parseOwnRoot(mountinfo: string, skip: Skip): RootMount | undefined {
  const mounts = parseMountinfo(mountinfo, "/proc/self/mountinfo", skip);
  return fromOptions(mounts.findLast(({ point }) => point === "/")?.options);
}

function fromOptions(options: readonly string[] | undefined): RootMount | undefined {
  return options === undefined ? undefined : { readOnly: options.includes("ro") };
}
