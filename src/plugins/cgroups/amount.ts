import type { Skip } from "../kernel/skipped-lines.ts";
import { parseWholeNumber } from "../kernel/whole-number.ts";
import { sound } from "../reading.ts";

/**
 * From here on a limit of cgroup v1 means none: it is the most that the kernel's counter of pages holds, which is
 * 9223372036854771712 on 64 bits (a little less with larger pages) and this on a 32-bit Raspberry Pi OS.
 * https://github.com/torvalds/linux/blob/master/include/linux/page_counter.h (PAGE_COUNTER_MAX)
 */
const NO_LIMIT = 8796093018112;

/** Parses a file with one number, such as memory.current, pids.current or cpuacct.usage: `9125888`. */
export function parseAmount(text: string, source: string, skip: Skip): number | undefined {
  return sound(parseWholeNumber(text, source, skip));
}

/** Parses a limit, such as memory.max or memory.limit_in_bytes: `104857600`; undefined for `max` and for the largest number. */
export function parseLimit(text: string, source: string, skip: Skip): number | undefined {
  if (/^max\s*$/.test(text)) return undefined;
  const limit = parseAmount(text, source, skip);
  return limit === undefined || limit >= NO_LIMIT ? undefined : limit;
}
