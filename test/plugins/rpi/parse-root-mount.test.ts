import { expect, test } from "bun:test";
import { parseRootMount } from "../../../src/plugins/rpi/parse-root-mount.ts";
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
