import { sound } from "../reading.ts";
import { parseLines, type Skip } from "./skipped-lines.ts";

/** Bytes; undefined where the kernel does not say, or says what cannot be true. */
export type Meminfo = {
  total: number | undefined;
  free: number | undefined;
  /** Since Linux 3.14. */
  available: number | undefined;
  buffers: number | undefined;
  cached: number | undefined;
  /** Kernel memory that can be given back, such as cached directory entries; 0 where the line is missing. */
  reclaimable: number | undefined;
  /** Page cache that was used lately, and that was not. */
  activeFile: number | undefined;
  inactiveFile: number | undefined;
  /** 0 in a kernel without swap. */
  swapTotal: number | undefined;
  swapFree: number | undefined;
};

/**
 * Parses /proc/meminfo (https://docs.kernel.org/filesystems/proc.html#meminfo); lines of huge pages are counts, without a unit.
 * lxcfs has been seen to write `SwapFree: 18446744073709551488 kB`, which is −128 (https://github.com/lxc/lxcfs/issues/115).
 *
 *     MemTotal:        8038788 kB
 *     Active(file):     242992 kB
 *     HugePages_Total:       0
 */
export function parseMeminfo(text: string, skip: Skip): Meminfo {
  const lines = new Set(text.split("\n").map((line) => line.split(":", 1)[0]));
  const bytes = new Map(parseLines(text, "/proc/meminfo", skip, parseLine));
  const orZero = (key: string) => (lines.has(key) ? bytes.get(key) : 0);
  return {
    total: bytes.get("MemTotal"),
    free: bytes.get("MemFree"),
    available: bytes.get("MemAvailable"),
    buffers: orZero("Buffers"),
    cached: orZero("Cached"),
    reclaimable: orZero("SReclaimable"),
    activeFile: bytes.get("Active(file)"),
    inactiveFile: bytes.get("Inactive(file)"),
    swapTotal: orZero("SwapTotal"),
    swapFree: orZero("SwapFree"),
  };
}

function parseLine(line: string): [key: string, bytes: number | undefined] | undefined {
  const [, key, number, unit] = /^(\S+):\s*(\d+)( kB)?\s*$/.exec(line) ?? [];
  if (key === undefined) return undefined;
  return [key, sound(Number(number) * (unit === undefined ? 1 : 1024))];
}
