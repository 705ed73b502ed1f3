/**
 * Whether the root filesystem is read-only, from a line of /proc/1/mounts: `/dev/root / ext4 rw,noatime,data=ordered 0 0`.
 * The kernel remounts it so after errors of the card (errors=remount-ro). What is mounted last on / is what is seen there
 * (`rootfs / rootfs rw 0 0` may come first). Undefined when there is no root.
 */
export function parseRootMount(mounts: string): { readOnly: boolean } | undefined {
  const roots = mounts
    .split("\n")
    .map((line) => line.split(" "))
    .filter(([, mount]) => mount === "/");
  const options = roots.at(-1)?.[3];
  return options === undefined ? undefined : { readOnly: options.split(",").includes("ro") };
}
