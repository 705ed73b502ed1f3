import { parseLines, type Skip } from "../kernel/skipped-lines.ts";

/** Bytes read and written since boot. */
export type DiskTraffic = { name: string; read: number; written: number };

/** Sectors of this file are 512 bytes, whatever those of the device are. */
const SECTOR = 512;

/**
 * Parses /proc/diskstats (https://docs.kernel.org/admin-guide/iostats.html): disks and their partitions; 14 columns, newer
 * kernels add some:
 *
 *      179       0 mmcblk0 21470 16922 2596324 100287 10449 21286 531225 80768 0 39160 182660 0 0 0 0 7375 1604
 */
export function parseDiskstats(text: string, skip: Skip): DiskTraffic[] {
  return parseLines(text, "/proc/diskstats", skip, (line) => {
    const match = /^\s*\d+\s+\d+\s+(\S+)\s+\d+\s+\d+\s+(\d+)\s+\d+\s+\d+\s+\d+\s+(\d+)(?:\s|$)/.exec(line);
    if (match === null) return undefined;
    const [, name = "", read, written] = match;
    return { name, read: Number(read) * SECTOR, written: Number(written) * SECTOR };
  });
}
