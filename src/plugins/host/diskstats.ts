import { ParseError } from "../../errors.ts";

/** Bytes read and written since boot. */
export type DiskTraffic = { name: string; read: number; written: number };

/** Sectors of this file are 512 bytes, whatever those of the device are. */
const SECTOR = 512;

/**
 * /proc/diskstats (https://docs.kernel.org/admin-guide/iostats.html): disks and their partitions; 14 columns, newer kernels
 * add some:
 *
 *      179       0 mmcblk0 21470 16922 2596324 100287 10449 21286 531225 80768 0 39160 182660 0 0 0 0 7375 1604
 */
export function parseDiskstats(text: string): DiskTraffic[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map(parseDisk);
}

function parseDisk(line: string): DiskTraffic {
  const match = /^ *\d+ +\d+ (\S+) \d+ \d+ (\d+) \d+ \d+ \d+ (\d+)(?: \d+){4,}$/.exec(line);
  if (match === null) throw new ParseError("/proc/diskstats", line);
  const [, name = "", read, written] = match;
  return { name, read: Number(read) * SECTOR, written: Number(written) * SECTOR };
}
