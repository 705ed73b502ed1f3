import { ParseError } from "../../errors.ts";

/**
 * Pages of memory that the kernel starts to reclaim at: the `low` watermarks of all zones in /proc/zoneinfo (proc_zoneinfo(5)):
 *
 *       pages free     32091
 *             min      2048
 *             low      2560
 */
export function parseLowWatermark(text: string): number {
  const watermarks = [...text.matchAll(/^ +low +(\S+)$/gm)].map((match) => match[1] ?? "");
  for (const pages of watermarks)
    if (!/^\d+$/.test(pages)) throw new ParseError("/proc/zoneinfo", `low ${pages}`);
  return watermarks.map(Number).reduce((sum, pages) => sum + pages, 0);
}
