import { expect, test } from "bun:test";
import { realMounts } from "../../../src/plugins/host/real-mounts.ts";
import type { Mount } from "../../../src/plugins/kernel/mountinfo.ts";

const mount = (point: string, type: string, source: string, device = "8:1", root = "/"): Mount => ({
  device,
  root,
  point,
  type,
  source,
  options: ["rw"],
});

function points(mounts: readonly Mount[]): { local: string[]; network: string[] } {
  const { local, network } = realMounts(mounts);
  return { local: local.map(({ point }) => point), network: network.map(({ point }) => point) };
}

test.each([
  ["ext4", "/dev/mmcblk0p2"],
  ["vfat", "/dev/mmcblk0p1"],
  ["fuseblk", "/dev/sda1"],
  ["btrfs", "/dev/sda2"],
  ["zfs", "pool/data"],
  ["ubifs", "ubi0:rootfs"],
  ["jffs2", "mtd:root"],
  ["ext4", "/dev/mapper/root"],
  ["f2fs", "/dev/zram1"],
])("%s on %s is a disk's", (type, source) => {
  expect(points([mount("/x", type, source)])).toEqual({ local: ["/x"], network: [] });
});

test.each([
  ["nfs4", "nas:/export"],
  ["cifs", "//nas/share"],
  ["fuse.sshfs", "pi@nas:/srv"],
  ["ceph", "10.0.0.1:6789:/"],
  ["virtiofs", "share"],
])("%s of %s is on the network", (type, source) => {
  expect(points([mount("/x", type, source, "0:50")])).toEqual({ local: [], network: ["/x"] });
});

test.each([
  ["tmpfs", "tmpfs"],
  ["tmpfs", "/dev/shm"],
  ["devtmpfs", "udev"],
  ["overlay", "overlay"],
  ["squashfs", "/dev/loop3"],
  ["iso9660", "/dev/sr0"],
  ["erofs", "/dev/dm-1"],
  ["proc", "proc"],
  ["sysfs", "sysfs"],
  ["cgroup2", "cgroup2"],
  ["autofs", "systemd-1"],
  ["rootfs", "rootfs"],
  ["nsfs", "nsfs"],
  ["fuse", "/dev/fuse"],
  ["fuse.portal", "portal"],
  ["fuse.lxcfs", "lxcfs"],
])("%s of %s is not a separate filesystem", (type, source) => {
  expect(points([mount("/x", type, source)])).toEqual({ local: [], network: [] });
});

test("a device is queried once, at its shortest path, under any name", () => {
  const root = mount("/", "ext4", "/dev/root", "179:2");
  const binds = [
    mount("/opt/log.bind", "ext4", "/dev/root", "179:2", "/log"),
    mount("/etc/hosts", "ext4", "/dev/mmcblk0p2", "179:2", "/hosts"),
  ];
  expect(realMounts([...binds, root]).local).toEqual([root]);
  expect(realMounts([root, ...binds]).local).toEqual([root]);
});

test("subvolumes of btrfs and mounts of one share are told apart by their source", () => {
  expect(
    points([
      mount("/home", "btrfs", "/dev/sda2", "0:46", "/@home"),
      mount("/", "btrfs", "/dev/sda2", "0:45", "/@"),
      mount("/data", "btrfs", "/dev/sdb1", "0:47"),
      mount("/mnt/a", "nfs4", "nas:/a", "0:50"),
      mount("/mnt/a/again", "nfs4", "nas:/a", "0:51"),
      mount("/mnt/b", "nfs4", "nas:/b", "0:50"),
    ]),
  ).toEqual({ local: ["/", "/data"], network: ["/mnt/a", "/mnt/b"] });
});

test("a hidden mount is ignored", () => {
  expect(
    points([
      mount("/boot", "autofs", "systemd-1", "0:40"),
      mount("/boot", "vfat", "/dev/sda1", "8:1"),
      mount("/home", "ext4", "/dev/sdb1", "8:17"),
      mount("/home", "tmpfs", "tmpfs", "0:41"),
    ]),
  ).toEqual({ local: ["/boot"], network: [] });
});
