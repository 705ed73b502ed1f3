import { PluginError } from "../../errors.ts";
import { readOfProcess1 } from "../kernel/process-1.ts";
import type { Skip } from "../kernel/skipped-lines.ts";
import type { Io } from "../plugin.ts";
import { type CgroupMounts, parseCgroupMounts } from "./cgroup-mounts.ts";
import { type Figures, METRICS, type Metric, type Reader } from "./figures.ts";
import type { GroupFiles } from "./parsed.ts";
import { v1 } from "./v1.ts";
import { v2 } from "./v2.ts";

/** The source of a metric: a mounted hierarchy and the reader of its files. */
export type Source<M extends Metric> = { mount: string; read: Reader<M>["read"] };
export type Sources = { readonly [M in Metric]?: Source<M> };

/**
 * Where the hierarchies are mounted for process 1. With another root than the agent's (HOST_ROOT) only this is the host's view;
 * without, where process 1 is hidden (hidepid, proc(5)), our own view does, which is the same on a device.
 */
export async function findMounts(io: Io, otherRoot: boolean, skip: Skip): Promise<CgroupMounts> {
  const first = await readOfProcess1(io, "mountinfo", otherRoot);
  if (first !== undefined) return parseCgroupMounts(first, "/proc/1/mountinfo", skip);
  const own = await io.readText("/proc/self/mountinfo").catch(() => undefined);
  if (own !== undefined) return parseCgroupMounts(own, "/proc/self/mountinfo", skip);
  throw new PluginError(
    "neither /proc/1/mountinfo nor /proc/self/mountinfo can be read",
    "Mount /proc; in a container also the host's root, and name it: docker run -v /:/host:ro -e HOST_ROOT=/host …",
  );
}

/** The source of each metric that the kernel offers. */
export async function findSources(io: Io, mounts: CgroupMounts): Promise<Sources> {
  const names = mounts.v2 === undefined ? "" : await io.readText(`${mounts.v2}/cgroup.controllers`);
  const controllers = new Set((names ?? "").trim().split(" "));
  return Object.fromEntries(
    METRICS.map((metric) => [metric, sourceOf(metric, mounts, controllers)] as const).filter(
      ([, source]) => source !== undefined,
    ),
  );
}

/**
 * A controller is in one hierarchy only: in systemd's hybrid mode memory and CPU are in v1 although v2 is mounted, and
 * v2 then has no files of theirs worth reading.
 */
function sourceOf<M extends Metric>(
  metric: M,
  mounts: CgroupMounts,
  controllers: ReadonlySet<string>,
): Source<M> | undefined {
  const old = v1[metric];
  const mount = mounts.v1.get(old?.controller ?? "");
  if (old !== undefined && mount !== undefined) return { mount, read: old.read };
  const unified = v2[metric];
  if (unified === undefined || mounts.v2 === undefined) return undefined;
  const isThere = unified.controller === undefined || controllers.has(unified.controller);
  return isThere ? { mount: mounts.v2, read: unified.read } : undefined;
}

/**
 * Reads the wanted figures of one group as far as it has them, none when it has ended; adds to `failures` why a file could not be
 * read.
 */
export function readFigures(
  files: GroupFiles,
  sources: Sources,
  path: string,
  wanted: readonly Metric[],
  failures: Error[],
): Partial<Figures> {
  const read = <M extends Metric>(metric: M): Pick<Partial<Figures>, M> | undefined => {
    const source: Source<M> | undefined = sources[metric];
    try {
      const value = source?.read(files, `${source.mount}/${path}`);
      return value === undefined ? undefined : ({ [metric]: value } as Pick<Partial<Figures>, M>);
    } catch (error) {
      failures.push(error instanceof Error ? error : new Error(String(error)));
      return undefined;
    }
  };
  return Object.assign({}, ...wanted.map(read));
}
