import type { Io } from "../plugin.ts";
import type { DeviceBytes, IoBytes } from "./figures.ts";

/**
 * The devices, out of `8:0`, `253:0`…, that pass what they are given on to others: with slaves in /sys/dev/block (dm,
 * md, bcache), and loop devices, whose number is always 7 (https://docs.kernel.org/admin-guide/devices.html).
 */
export async function findStackedDevices(io: Io, devices: Iterable<string>): Promise<ReadonlySet<string>> {
  const stacked = new Set<string>();
  for (const device of new Set(devices))
    if (device.startsWith("7:") || (await io.list(`/sys/dev/block/${device}/slaves`)).length > 0)
      stacked.add(device);
  return stacked;
}

/** Bytes of all devices together. The bytes of a stacked device are those of a disk once more, if there is a disk. */
export function totalBytes(devices: DeviceBytes, stacked: ReadonlySet<string>): IoBytes {
  const disks = [...devices].filter(([device]) => !stacked.has(device));
  const total = { read: 0, write: 0 };
  for (const [, { read, write }] of disks.length > 0 ? disks : devices) {
    total.read += read;
    total.write += write;
  }
  return total;
}
