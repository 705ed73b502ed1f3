import type { CpuTimes } from "./stat.ts";

/** The counters of busy time. Without guest and guestNice, which the kernel includes in user and nice. */
const WORK = ["user", "nice", "system", "irq", "softirq", "steal"] as const;

/** Ticks (3 s) by which iowait goes back on a healthy machine, as proc_stat(5) warns: as much as node_exporter forgives. */
const HARMLESS = 300;

/**
 * Percentage of the time between two snapshots in which the CPU worked, to one decimal, as psutil.cpu_percent() defines it
 * (`_cpu_busy_time` in psutil/__init__.py): everything but idle and iowait, so time stolen by a hypervisor counts as work.
 * Undefined when no time has passed, when the CPU was off, and when a counter went back, as idle does after a suspend or when a
 * CPU is plugged in (https://github.com/giampaolo/psutil/issues/2172). An iowait that went back a little counts as 0.
 */
export function busyPercentage(before: CpuTimes, after: CpuTimes): number | undefined {
  const spent = (column: keyof CpuTimes) => after[column] - before[column];
  const work = WORK.map(spent);
  const idle = spent("idle");
  const iowait = spent("iowait");
  if (Math.min(...work, idle, iowait + HARMLESS) < 0) return undefined;
  const busy = work.reduce((sum, ticks) => sum + ticks, 0);
  const all = busy + idle + Math.max(0, iowait);
  return all === 0 ? undefined : Math.round((1000 * busy) / all) / 10;
}
