import { setImmediate as nextTurn } from "node:timers/promises";
import type { Skip } from "../kernel/skipped-lines.ts";
import { parseUptime } from "../kernel/uptime.ts";
import type { Io } from "../plugin.ts";
import type { CpuReading } from "./cpu.ts";
import type { Figures, Metric } from "./figures.ts";
import type { Group } from "./group.ts";
import { readFigures, type Sources } from "./sources.ts";

export type Measured = { group: Group; figures: Partial<Figures> };

export type Measurement = {
  /** Seconds since the machine started; undefined where /proc/uptime cannot be read. */
  uptime: number | undefined;
  /** The groups that still were there. */
  measured: readonly Measured[];
  /** Why files could not be read. */
  failures: readonly Error[];
};

/** Groups that are read without a pause: some 2 ms in which nothing else runs. */
const AT_A_STRETCH = 64;

/** Reads the wanted figures of every group; what fails or has ended takes nothing from the rest. */
export async function measure(
  io: Io,
  sources: Sources,
  groups: readonly Group[],
  wanted: readonly Metric[],
  skip: Skip,
): Promise<Measurement> {
  const text = await io.readText("/proc/uptime").catch(() => undefined);
  const uptime = text === undefined ? undefined : parseUptime(text, skip);
  const files = { readTextSync: io.readTextSync, skip };
  const measured: Measured[] = [];
  const failures: Error[] = [];
  for (const [index, group] of groups.entries()) {
    if (index > 0 && index % AT_A_STRETCH === 0) await nextTurn();
    const figures = readFigures(files, sources, group.path, wanted, failures);
    if (Object.keys(figures).length > 0) measured.push({ group, figures });
  }
  return { uptime, measured, failures };
}

export function cpuReading({ uptime, measured }: Measurement): CpuReading {
  const seconds = new Map<string, number>();
  for (const { group, figures } of measured)
    if (figures.cpu !== undefined) seconds.set(group.path, figures.cpu);
  return { uptime: uptime ?? 0, seconds };
}
