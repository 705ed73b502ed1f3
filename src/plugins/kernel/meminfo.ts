import { ParseError } from "../../errors.ts";

/** Bytes; undefined where the kernel does not tell. */
export type Meminfo = {
  total: number;
  free: number;
  /** Since Linux 3.14. */
  available: number | undefined;
  buffers: number;
  cached: number;
  /** Kernel memory that can be given back, such as cached directory entries. */
  reclaimable: number;
  /** Page cache that was used lately, and that was not. */
  activeFile: number | undefined;
  inactiveFile: number | undefined;
  swapTotal: number;
  swapFree: number;
};

/**
 * /proc/meminfo (https://docs.kernel.org/filesystems/proc.html#meminfo); lines of huge pages are counts, without a unit:
 *
 *     MemTotal:        8038788 kB
 *     Active(file):     242992 kB
 *     HugePages_Total:       0
 */
export function parseMeminfo(text: string): Meminfo {
  const bytes = new Map<string, number>();
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const match = /^(\S+): +(\d+)( kB)?$/.exec(line);
    if (match === null) throw new ParseError("/proc/meminfo", line);
    bytes.set(match[1] ?? "", Number(match[2]) * (match[3] === undefined ? 1 : 1024));
  }
  const total = bytes.get("MemTotal");
  const free = bytes.get("MemFree");
  if (total === undefined || free === undefined) throw new ParseError("/proc/meminfo", text);
  return {
    total,
    free,
    available: bytes.get("MemAvailable"),
    buffers: bytes.get("Buffers") ?? 0,
    cached: bytes.get("Cached") ?? 0,
    reclaimable: bytes.get("SReclaimable") ?? 0,
    activeFile: bytes.get("Active(file)"),
    inactiveFile: bytes.get("Inactive(file)"),
    swapTotal: bytes.get("SwapTotal") ?? 0,
    swapFree: bytes.get("SwapFree") ?? 0,
  };
}
