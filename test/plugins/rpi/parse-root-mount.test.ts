import { expect, test } from "bun:test";
import { parseOwnRoot, parseRootMount } from "../../../src/plugins/rpi/parse-root-mount.ts";
import { noSkip, skipping } from "../kernel/skipping.ts";
import { captures } from "./captures.ts";

test.each(captures("/proc/mounts"))("%s", (_, text) => {
  expect(parseRootMount(text)).toEqual({ readOnly: false });
});

test.each([
  ["remounted after an error of the card", "/dev/mmcblk0p2 / ext4 ro,noatime,errors=remount-ro 0 0\n", true],
  ["may be remounted, and is not", "/dev/mmcblk0p2 / ext4 rw,noatime,errors=remount-ro 0 0\n", false],
  ["below others", "rootfs / rootfs rw 0 0\n/dev/root / squashfs ro,relatime 0 0\n", true],
  [
    "overlay over a read-only card",
    "/dev/root /media/root-ro ext4 ro 0 0\noverlay / overlay rw,lowerdir=/media/root-ro 0 0\n",
    false,
  ],
  ["no options", "/dev/root / ext4  0 0", false],
])("%s", (_, text, readOnly) => {
  expect(parseRootMount(text)).toEqual({ readOnly });
});

test.each(["", "\n\n", "proc /proc proc ro 0 0\n", "/dev/root /", "/"])("%p has no root", (text) => {
  expect(parseRootMount(text)).toBeUndefined();
});

const mountinfo = (root: string, filesystem: string) =>
  `22 24 0:20 / /proc rw - proc proc rw\n24 1 179:2 / / ${root},noatime shared:1 master:2 - ext4 /dev/mmcblk0p2 ${filesystem},errors=remount-ro\n31 24 179:1 / /boot ro - vfat /dev/mmcblk0p1 ro\n`;

test.each([
  ["in a sandbox", mountinfo("ro", "rw"), false],
  ["in a sandbox, after an error of the card", mountinfo("ro", "ro"), true],
  ["after an error of the card", mountinfo("rw", "ro"), true],
  ["below others", `1 1 0:2 / / rw - rootfs rootfs rw\n${mountinfo("ro", "ro")}`, true],
])("its own root %s", (_, text, readOnly) => {
  expect(parseOwnRoot(text, noSkip)).toEqual({ readOnly });
});

test.each(["", "\n\n", "22 24 0:20 / /proc ro - proc proc ro\n", "24 1 179:2 / /"])(
  "%p has no root of its own",
  (text) => {
    expect(skipping((skip) => parseOwnRoot(text, skip)).value).toBeUndefined();
  },
);
