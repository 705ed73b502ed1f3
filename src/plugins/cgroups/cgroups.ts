import { integerSchema, listOfSchema, listSchema, type Variables } from "../../config/variable.ts";
import { PluginError } from "../../errors.ts";
import { createSkippedLines } from "../kernel/skipped-lines.ts";
import type { Plugin } from "../plugin.ts";
import { createContainerNames } from "./container-names.ts";
import { createCpuMeter } from "./cpu.ts";
import { explain } from "./explain.ts";
import { METRICS } from "./figures.ts";
import { findGroups } from "./find-groups.ts";
import { isWanted, nameGroups } from "./group.ts";
import { cpuReading, measure } from "./measure.ts";
import { largest, toPoints, valuesOf } from "./series.ts";
import { findMounts, findSources } from "./sources.ts";
import { findStackedDevices } from "./stacked-devices.ts";

const variables = {
  metrics: {
    names: ["CGROUP_METRICS"],
    default: '["memory","cpu"]',
    meaning: "What to collect: `memory`, `cpu`, `io`, `pids`, `limit`, `oom`, `psi`.",
    expects: `a list of ${METRICS.join(", ")}`,
    schema: listOfSchema(METRICS),
  },
  include: {
    names: ["CGROUP_INCLUDE"],
    default: "[]",
    meaning:
      "Globs (`*`, `?`) of paths or names; empty: every container, pod and service but those of users' sessions.",
    expects: 'a list of globs, such as ["web*","system.slice/*"]',
    schema: listSchema(),
  },
  exclude: {
    names: ["CGROUP_EXCLUDE"],
    default: "[]",
    meaning: "Globs of paths or names to leave out of what is included.",
    expects: 'a list of globs, such as ["systemd-*"]',
    schema: listSchema(),
  },
  max: {
    names: ["CGROUP_MAX"],
    default: "50",
    meaning: "Most groups with series of their own, the largest working set first; the rest is summed.",
    expects: "a whole number from 1 to 1000",
    schema: integerSchema(1, 1000),
  },
} as const satisfies Variables;

/** Containers, pods and systemd services as the kernel counts them, without any daemon's socket. */
export const cgroups: Plugin<typeof variables> = {
  variables,
  create({ metrics, include, exclude, max }, io, { hostRoot }) {
    const otherRoot = hostRoot !== "/";
    const nameContainers = createContainerNames(io);
    const percentages = createCpuMeter();

    return {
      async collect(at, signal) {
        const { skip, remark } = createSkippedLines();
        const mounts = await findMounts(io, otherRoot, skip);
        const sources = await findSources(io, mounts);
        const found = findGroups(
          io,
          metrics.flatMap((metric) => sources[metric]?.mount ?? []),
        );
        const named = await nameGroups(found.groups, nameContainers);
        const groups = named.filter((group) => isWanted(group, { include, exclude }));

        const measurement = await measure(io, sources, groups, metrics, skip);
        const cpu = await percentages(
          cpuReading(measurement),
          async () => cpuReading(await measure(io, sources, groups, ["cpu"], skip)),
          signal,
        );
        const stacked = await findStackedDevices(
          io,
          measurement.measured.flatMap(({ figures }) => [...(figures.io?.keys() ?? [])]),
        );
        const series = measurement.measured.map(({ group, figures }) => ({
          tags: group.tags,
          values: valuesOf(figures, cpu.get(group.path), stacked),
        }));

        const failures = [...found.failures, ...measurement.failures];
        const explanation = await explain(io, { metrics, sources, named, groups, measurement, failures });
        const remarks = [explanation, remark()].filter((each) => each?.reason !== undefined);
        const reason = remarks.map((each) => each?.reason).join("; ");
        const remedy = remarks.map((each) => each?.remedy).join("; ");
        if (series.length === 0 && (failures.length > 0 || remark().reason !== undefined))
          throw new PluginError(reason, remedy);
        return { points: toPoints(largest(series, max), at), ...(reason !== "" && { reason, remedy }) };
      },
    };
  },
};
