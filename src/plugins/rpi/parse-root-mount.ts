export type RootMount = { readOnly: boolean };

/**
 * Whether the root filesystem is read-only, from a line of /proc/1/mounts: `/dev/root / ext4 rw,noatime,data=ordered 0 0`.
 * The kernel remounts it so after errors of the card (errors=remount-ro). What is mounted last on / is what is seen there
 * (`rootfs / rootfs rw 0 0` may come first). Undefined when there is no root.
 */
export function parseRootMount(mounts: string): RootMount | undefined {
  const roots = mounts
    .split("\n")
    .map((line) => line.split(" "))
    .filter(([, mount]) => mount === "/");
  return fromOptions(roots.at(-1)?.[3]);
}

/**
 * The same from /proc/self/mountinfo of an agent for which its service manager has mounted the root read-only
 * (ProtectSystem=strict): the filesystem's own options, behind the hyphen, tell of the filesystem itself.
 *
 *     24 1 179:2 / / ro,noatime shared:1 - ext4 /dev/mmcblk0p2 rw,errors=remount-ro
 */
export function parseOwnRoot(mountinfo: string): RootMount | undefined {
  const roots = mountinfo
    .split("\n")
    .flatMap((line) => /^\d+ \d+ \S+ \S+ \/ .*? - \S+ \S* (\S+)$/.exec(line)?.[1] ?? []);
  return fromOptions(roots.at(-1));
}

function fromOptions(options: string | undefined): RootMount | undefined {
  return options === undefined ? undefined : { readOnly: options.split(",").includes("ro") };
}
