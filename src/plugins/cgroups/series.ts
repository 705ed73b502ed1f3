import type { Point } from "../../model.ts";
import { reading } from "../reading.ts";
import type { Figures } from "./figures.ts";
import { totalBytes } from "./stacked-devices.ts";

/** The values of one group, or of several together, by the name of the metric without its prefix. */
export type Series = { tags: readonly string[]; values: Values };
type Values = ReadonlyMap<string, number>;

/** Values of which a sum says nothing. */
const NOT_SUMMED = new Set(["memory.limit", "psi.cpu", "psi.memory", "psi.io"]);

/** Names the values. `cpu` is percent of one core, `stacked` the devices that other devices count again. */
export function valuesOf(
  figures: Partial<Figures>,
  cpu: number | undefined,
  stacked: ReadonlySet<string>,
): Values {
  const io = figures.io && totalBytes(figures.io, stacked);
  const rows: [string, number | undefined][] = [
    ["memory.working_set", figures.memory],
    ["cpu.percentage", cpu],
    ["io.read", io?.read],
    ["io.write", io?.write],
    ["pids", figures.pids],
    ["memory.limit", figures.limit],
    ["memory.oom_kills", figures.oom],
    ["psi.cpu", figures.psi?.cpu],
    ["psi.memory", figures.psi?.memory],
    ["psi.io", figures.psi?.io],
  ];
  return new Map(rows.filter((row): row is [string, number] => row[1] !== undefined));
}

/**
 * At most `max` series with tags of their own, the largest working set first, then the most CPU; the rest summed into one
 * tagged `group:other`. Groups with the same tags, such as two runs of one container of a pod, are one series.
 */
export function largest(series: readonly Series[], max: number): Series[] {
  const byTags = new Map<string, Series>();
  for (const one of series) {
    const key = one.tags.join("\n");
    const same = byTags.get(key);
    byTags.set(key, same === undefined ? one : { tags: one.tags, values: sum([same, one]) });
  }
  const merged = [...byTags.values()].sort(
    (a, b) => difference(a, b, "memory.working_set") || difference(a, b, "cpu.percentage"),
  );
  const rest = merged.slice(max);
  return rest.length === 0 ? merged : [...merged.slice(0, max), { tags: ["group:other"], values: sum(rest) }];
}

function difference(a: Series, b: Series, name: string): number {
  return (b.values.get(name) ?? 0) - (a.values.get(name) ?? 0);
}

function sum(series: readonly Series[]): Values {
  const total = new Map<string, number>();
  for (const { values } of series)
    for (const [name, value] of values)
      if (!NOT_SUMMED.has(name)) total.set(name, (total.get(name) ?? 0) + value);
  return total;
}

/** Percentages go out to two decimals; the rest are whole numbers anyway. */
export function toPoints(series: readonly Series[], at: number): Point[] {
  return series.flatMap(({ tags, values }) =>
    [...values].flatMap(([name, value]) =>
      reading(`Chouette.cgroups.${name}`, Math.round(value * 100) / 100, at, tags),
    ),
  );
}
