import { expect, test } from "bun:test";
import { parseDiskstats } from "../../../src/plugins/host/diskstats.ts";
import { noSkip, skipping } from "../kernel/skipping.ts";
import { captured, readByHand } from "./captures.ts";

test.each(["pi-20field.txt", "emmc-14field.txt"])("%s", (name) => {
  const path = `proc/diskstats/${name}`;
  const { mmcblk0 } = readByHand<{ mmcblk0: { sectors_read: number; sectors_written: number } }>(path);
  expect(parseDiskstats(captured(path), noSkip)).toEqual([
    { name: "mmcblk0", read: mmcblk0.sectors_read * 512, written: mmcblk0.sectors_written * 512 },
  ]);
});

test("lines of 14, 15, 18 and 20 columns in one file", () => {
  const disks = parseDiskstats(captured("proc/diskstats/node-exporter.txt"), noSkip);
  expect(disks.length).toBe(51);
  expect(disks.find(({ name }) => name === "sdb")).toEqual({
    name: "sdb",
    read: 9657779 * 512,
    written: 1972905 * 512,
  });
  expect(disks.find(({ name }) => name === "nvme0n1p2")).toEqual({
    name: "nvme0n1p2",
    read: 4631243 * 512,
    written: 39451632 * 512,
  });
});

test("the RAM disks of a Raspberry Pi 4, on which nothing was read or written", () => {
  expect(parseDiskstats(captured("proc/diskstats/pi4-ramdisks.txt"), noSkip)).toEqual(
    Array.from({ length: 10 }, (_, number) => ({ name: `ram${number}`, read: 0, written: 0 })),
  );
});

test("names with a slash, and no disk at all", () => {
  expect(parseDiskstats(" 104 0 cciss/c0d0 1 0 2 0 3 0 4 0 0 0 0\n", noSkip)).toEqual([
    { name: "cciss/c0d0", read: 1024, written: 2048 },
  ]);
  expect(parseDiskstats("", noSkip)).toEqual([]);
});

test.each([
  " 179 0 mmcblk0 1 2 3 4 5 6 -7 8 9 10 11",
  " 179 0 mmcblk0 1 2 x 4 5 6 7 8 9 10 11",
  "mmcblk0 1 2 3 4 5 6 7 8 9 10 11",
])("%j costs only itself", (line) => {
  const text = ` 8 0 sda 1 0 2 0 3 0 4 0 0 0 0\n${line}\n`;
  const { value, skipped } = skipping((skip) => parseDiskstats(text, skip));
  expect(value).toEqual([{ name: "sda", read: 1024, written: 2048 }]);
  expect(skipped).toEqual([["/proc/diskstats", line]]);
});
