import { parseLines, type Skip } from "../kernel/skipped-lines.ts";
import { sound } from "../reading.ts";

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
  /** All CPUs together; undefined when their line is not understood. */
  total: CpuTimes | undefined;
  /** CPUs by number, without those that are off. */
  cores: ReadonlyMap<number, CpuTimes>;
  /** Threads that are running or ready to, and those that wait for a disk. */
  running: number | undefined;
  blocked: number | undefined;
};

/** The lines that are used; the rest (`intr`, `ctxt`, `btime`…) may look as it likes. */
const USED = /^(?:cpu|procs_running|procs_blocked)/;

/**
 * Parses /proc/stat (https://docs.kernel.org/filesystems/proc.html#miscellaneous-kernel-statistics-in-proc-stat); kernels before
 * 2.6.33 have fewer columns:
 *
 *     cpu  301854 612 111922 8979004 3552 2 3944 0 44 36
 *     cpu0 44490 19 21045 1087069 220 1 3410 0 2 1
 *     procs_running 2
 */
export function parseStat(text: string, skip: Skip): Stat {
  const used = text.split("\n").filter((line) => USED.test(line));
  const rows = new Map(parseLines(used.join("\n"), "/proc/stat", skip, parseRow));
  const cores = [...rows].flatMap(([name, numbers]): [number, CpuTimes][] => {
    const core = /^cpu(\d+)$/.exec(name)?.[1];
    return core === undefined ? [] : [[Number(core), timesOf(numbers)]];
  });
  const total = rows.get("cpu");
  return {
    total: total && timesOf(total),
    cores: new Map(cores),
    running: rows.get("procs_running")?.[0],
    blocked: rows.get("procs_blocked")?.[0],
  };
}

function parseRow(line: string): [name: string, numbers: number[]] | undefined {
  const [name = "", ...words] = line.trim().split(/\s+/);
  const least = name.startsWith("cpu") ? 4 : 1;
  const numbers = words.map((word) => (/^\d+$/.test(word) ? sound(Number(word)) : undefined));
  const known = numbers.filter((number) => number !== undefined);
  return known.length === words.length && known.length >= least ? [name, known] : undefined;
}

function timesOf(ticks: readonly number[]): CpuTimes {
  return Object.fromEntries(COLUMNS.map((column, index) => [column, ticks[index] ?? 0])) as CpuTimes;
}
