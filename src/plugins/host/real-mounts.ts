import type { Mount } from "../kernel/mountinfo.ts";

/**
 * The mounts worth asking for their size: one per filesystem on a disk, and one per share on the network. A filesystem that is
 * mounted several times (bind mounts, btrfs subvolumes, containers) is asked at its shortest path, and a mount that another
 * one covers is left out.
 */
export function realMounts(mounts: readonly Mount[]): { local: Mount[]; network: Mount[] } {
  const visible = [...new Map(mounts.map((mount) => [mount.point, mount])).values()];
  return {
    local: onePerFilesystem(visible.filter(isLocal)),
    network: onePerFilesystem(visible.filter((mount) => NETWORK.has(mount.type))),
  };
}

/** On a device of its own, or of a type that has none. What is mounted read-only from an image is always full. */
function isLocal({ type, source }: Mount): boolean {
  if (IMAGE.has(type) || MEMORY.has(type) || /^fuse(\.|$)/.test(type)) return false;
  return source.startsWith("/dev/") || DEVICELESS.has(type);
}

const IMAGE: ReadonlySet<string> = new Set(["squashfs", "erofs", "cramfs", "romfs", "iso9660"]);
const MEMORY: ReadonlySet<string> = new Set(["tmpfs", "ramfs", "devtmpfs", "overlay"]);
const DEVICELESS: ReadonlySet<string> = new Set(["zfs", "ubifs", "jffs2", "yaffs2", "bcachefs"]);
const NETWORK: ReadonlySet<string> = new Set([
  "9p",
  "afs",
  "ceph",
  "cifs",
  "fuse.glusterfs",
  "fuse.sshfs",
  "lustre",
  "nfs",
  "nfs4",
  "smb3",
  "smbfs",
  "virtiofs",
]);

function onePerFilesystem(mounts: readonly Mount[]): Mount[] {
  const chosen = new Map<string, Mount>();
  for (const mount of mounts) {
    // btrfs has a number for each subvolume, and a share has no device number that lasts: these are told apart by source.
    const filesystem = mount.device.startsWith("0:") ? mount.source : mount.device;
    const other = chosen.get(filesystem);
    if (other === undefined || mount.point.length < other.point.length) chosen.set(filesystem, mount);
  }
  return [...chosen.values()];
}
