import type { CpuTimes } from "./stat.ts";

/** What counts as work. Not guest and guestNice: the kernel has them in user and nice already. */
const WORK = ["user", "nice", "system", "irq", "softirq", "steal"] as const;

/**
 * Percentage of the time between two snapshots in which the CPU worked, to one decimal, as psutil.cpu_percent() defines it
 * (`_cpu_busy_time` in psutil/__init__.py): everything but idle and iowait, so time stolen by a hypervisor counts as work.
 * Columns that went backwards, as iowait does, count as 0. Undefined when no time has passed, or the CPU was off.
 */
export function busyPercentage(before: CpuTimes, after: CpuTimes): number | undefined {
  const spent = (column: keyof CpuTimes) => Math.max(0, after[column] - before[column]);
  const busy = WORK.reduce((sum, column) => sum + spent(column), 0);
  const all = busy + spent("idle") + spent("iowait");
  return all === 0 ? undefined : Math.round((1000 * busy) / all) / 10;
}
