import { parseMountinfo } from "../kernel/mountinfo.ts";
import type { Skip } from "../kernel/skipped-lines.ts";

export type RootMount = { readOnly: boolean };

/**
 * Tells whether the root filesystem is read-only, from a line of /proc/1/mounts: `/dev/root / ext4 rw,noatime,data=ordered 0 0`.
 * The kernel remounts it so after errors of the card (errors=remount-ro). What is mounted last on / is what is seen there
 * (`rootfs / rootfs rw 0 0` may come first). Undefined when there is no root.
 */
export function parseRootMount(mounts: string): RootMount | undefined {
  const roots = mounts
    .split("\n")
    .map((line) => line.split(" "))
    .filter(([, mount]) => mount === "/");
  return fromOptions(roots.at(-1)?.[3]?.split(","));
}

/**
 * The same from /proc/self/mountinfo of an agent for which its service manager has mounted the root read-only
 * (ProtectSystem=strict): the filesystem's own options tell of the filesystem itself.
 */
export function parseOwnRoot(mountinfo: string, skip: Skip): RootMount | undefined {
  const mounts = parseMountinfo(mountinfo, "/proc/self/mountinfo", skip);
  return fromOptions(mounts.findLast(({ point }) => point === "/")?.options);
}

function fromOptions(options: readonly string[] | undefined): RootMount | undefined {
  return options === undefined ? undefined : { readOnly: options.includes("ro") };
}
