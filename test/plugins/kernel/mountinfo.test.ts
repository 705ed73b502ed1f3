import { expect, test } from "bun:test";
import { parseMountinfo } from "../../../src/plugins/kernel/mountinfo.ts";
import { noSkip, skipping } from "./skipping.ts";

const SOURCE = "/proc/self/mountinfo";
const parse = (text: string) => parseMountinfo(text, SOURCE, noSkip);

test("the example of the kernel's documentation", () => {
  expect(parse("36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue\n")).toEqual([
    {
      device: "98:0",
      root: "/mnt1",
      point: "/mnt2",
      type: "ext3",
      source: "/dev/root",
      options: ["rw", "errors=continue"],
    },
  ]);
});

test.each([
  ["no optional field", "36 35 98:0 / / rw - ext4 /dev/sda1 rw", { point: "/", source: "/dev/sda1" }],
  ["several", "36 35 98:0 / / rw shared:1 master:2 propagate_from:3 - ext4 /dev/sda1 rw", { type: "ext4" }],
  ["an empty source", "40 35 0:40 / /x rw shared:1 - tmpfs  rw", { type: "tmpfs", source: "" }],
  [
    "a blank and a backslash",
    "36 35 8:1 / /media/usb\\040stick\\134 rw - vfat /dev/sda1 rw",
    { point: "/media/usb stick\\" },
  ],
  ["a line feed and a tab", "36 35 8:1 / /a\\012b\\011c rw - vfat /dev/sda1 rw", { point: "/a\nb\tc" }],
  ["a hyphen for a name", "36 35 8:1 / /- rw - vfat - rw", { point: "/-", source: "-" }],
  ["a share with a blank", "36 35 0:50 / /mnt rw - cifs //nas/my\\040files rw", { source: "//nas/my files" }],
  [
    "a blank in the options of Docker Desktop",
    "2260 100 0:311 / /Docker/host rw,noatime - 9p drvfs rw,dirsync,aname=drvfs;path=C:\\Program Files\\Docker;symlinkroot=/mnt/",
    { point: "/Docker/host", type: "9p", source: "drvfs" },
  ],
  ["no options at all", "36 35 0:50 / /mnt rw - 9p share", { source: "share" }],
  ["letters beyond ASCII", "36 35 8:1 / /média rw - ext4 /dev/sda1 rw", { point: "/média" }],
])("%s", (_, line, expected) => {
  expect(parse(`${line}\n`)).toEqual([expect.objectContaining(expected)]);
});

test("the order of mounting is kept", () => {
  const text = "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 0:6 / /dev rw - devtmpfs udev rw\n";
  expect(parse(text).map(({ point }) => point)).toEqual(["/", "/dev"]);
});

test.each([
  "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 ext3 /dev/root rw",
  "36 35 98 / / rw - ext4 /dev/sda1 rw",
  "/dev/root / ext4 rw,noatime 0 0",
  "36 35 98:0 / / rw -",
])("%j costs only itself", (line) => {
  const sound = "36 35 8:1 / /data rw - ext4 /dev/sda1 rw";
  const { value, skipped } = skipping((skip) => parseMountinfo(`${line}\n${sound}\n`, SOURCE, skip));
  expect(value.map(({ point }) => point)).toEqual(["/data"]);
  expect(skipped).toEqual([[SOURCE, line]]);
});
