import type { Io } from "../plugin.ts";
import { sideBySide } from "../side-by-side.ts";
import type { CpuReading } from "./cpu.ts";
import type { Figures, Metric } from "./figures.ts";
import type { Group } from "./group.ts";
import { parsed } from "./parsed.ts";
import { readFigures, type Sources } from "./sources.ts";
import { parseUptime } from "./uptime.ts";

export type Measured = { group: Group; figures: Partial<Figures> };

export type Measurement = {
  /** Seconds since the machine started; undefined where /proc/uptime cannot be read. */
  uptime: number | undefined;
  /** The groups that still were there. */
  measured: readonly Measured[];
  /** Why figures are missing: no permission, or text that nobody understands. */
  failures: readonly Error[];
};

const GROUPS_AT_ONCE = 16;

/** Reads the wanted figures of every group; what fails or has ended takes nothing from the rest. */
export async function measure(
  io: Io,
  sources: Sources,
  groups: readonly Group[],
  wanted: readonly Metric[],
): Promise<Measurement> {
  const uptime = await parsed(io, "/proc/uptime", parseUptime).catch(() => undefined);
  const outcomes = await sideBySide(GROUPS_AT_ONCE, groups, async (group) => ({
    group,
    ...(await readFigures(io, sources, group.path, wanted)),
  }));
  return {
    uptime,
    measured: outcomes.filter(({ figures }) => Object.keys(figures).length > 0),
    failures: outcomes.flatMap(({ failures }) => failures),
  };
}

export function cpuReading({ uptime, measured }: Measurement): CpuReading {
  const seconds = new Map<string, number>();
  for (const { group, figures } of measured)
    if (figures.cpu !== undefined) seconds.set(group.path, figures.cpu);
  return { uptime: uptime ?? 0, seconds };
}
