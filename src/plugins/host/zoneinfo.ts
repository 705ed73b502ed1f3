import type { Skip } from "../kernel/skipped-lines.ts";

/**
 * Parses the pages of memory that the kernel starts to reclaim at: the `low` watermarks of all zones in /proc/zoneinfo
 * (proc_zoneinfo(5)). Undefined when one of them is not understood, since the sum would be wrong.
 *
 *       pages free     32091
 *             min      2048
 *             low      2560
 */
export function parseLowWatermark(text: string, skip: Skip): number | undefined {
  let sum = 0;
  for (const [line, pages = ""] of text.matchAll(/^ +low +(\S+)$/gm)) {
    if (!/^\d+$/.test(pages)) {
      skip("/proc/zoneinfo", line);
      return undefined;
    }
    sum += Number(pages);
  }
  return sum;
}
