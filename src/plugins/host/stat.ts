import { ParseError } from "../../errors.ts";

const COLUMNS = [
  "user",
  "nice",
  "system",
  "idle",
  "iowait",
  "irq",
  "softirq",
  "steal",
  "guest",
  "guestNice",
] as const;

/** Ticks (1/100 s) that CPUs have spent in each way since boot. `guest` is also in `user`, `guestNice` in `nice`. */
export type CpuTimes = Record<(typeof COLUMNS)[number], number>;

export type Stat = {
  /** All CPUs together. */
  total: CpuTimes;
  /** By number; the numbers of CPUs that are off are missing. */
  cores: ReadonlyMap<number, CpuTimes>;
  /** Threads that are running or ready to, and those that wait for a disk. */
  running: number | undefined;
  blocked: number | undefined;
};

/**
 * /proc/stat (https://docs.kernel.org/filesystems/proc.html#miscellaneous-kernel-statistics-in-proc-stat); kernels before
 * 2.6.33 have fewer columns:
 *
 *     cpu  301854 612 111922 8979004 3552 2 3944 0 44 36
 *     cpu0 44490 19 21045 1087069 220 1 3410 0 2 1
 *     procs_running 2
 */
export function parseStat(text: string): Stat {
  let total: CpuTimes | undefined;
  let running: number | undefined;
  let blocked: number | undefined;
  const cores = new Map<number, CpuTimes>();
  for (const line of text.split("\n")) {
    if (line.startsWith("cpu ")) total = parseTimes(line);
    else if (line.startsWith("cpu")) cores.set(coreNumber(line), parseTimes(line));
    else if (line.startsWith("procs_running")) running = lastNumber(line);
    else if (line.startsWith("procs_blocked")) blocked = lastNumber(line);
  }
  if (total === undefined) throw new ParseError("/proc/stat", text);
  return { total, cores, running, blocked };
}

function parseTimes(line: string): CpuTimes {
  if (!/^cpu\d*( +\d+){4,}$/.test(line)) throw new ParseError("/proc/stat", line);
  const ticks = line.split(/ +/).slice(1).map(Number);
  return Object.fromEntries(COLUMNS.map((column, index) => [column, ticks[index] ?? 0])) as CpuTimes;
}

function coreNumber(line: string): number {
  const match = /^cpu(\d+) /.exec(line);
  if (match === null) throw new ParseError("/proc/stat", line);
  return Number(match[1]);
}

function lastNumber(line: string): number {
  const match = /^\w+ (\d+)$/.exec(line);
  if (match === null) throw new ParseError("/proc/stat", line);
  return Number(match[1]);
}
