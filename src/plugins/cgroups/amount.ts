import { ParseError } from "../../errors.ts";

/**
 * From here on a limit of cgroup v1 means none: it is the most that the kernel's counter of pages holds, which is
 * 9223372036854771712 on 64 bits (a little less with larger pages) and this on a 32-bit Raspberry Pi OS.
 * https://github.com/torvalds/linux/blob/master/include/linux/page_counter.h (PAGE_COUNTER_MAX)
 */
const NO_LIMIT = 8796093018112;

/** A file with one number, such as memory.current, pids.current or cpuacct.usage: `9125888`. */
export function parseAmount(text: string, source: string): number {
  if (!/^\d+\n?$/.test(text)) throw new ParseError(source, text);
  return Number(text);
}

/** A limit, such as memory.max or memory.limit_in_bytes: `104857600`; undefined for `max` and for the largest number. */
export function parseLimit(text: string, source: string): number | undefined {
  if (/^max\n?$/.test(text)) return undefined;
  const limit = parseAmount(text, source);
  return limit >= NO_LIMIT ? undefined : limit;
}
