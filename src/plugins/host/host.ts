import { listOfSchema, type Variables } from "../../config/variable.ts";
import { PluginError } from "../../errors.ts";
import { createSkippedLines } from "../kernel/skipped-lines.ts";
import type { Capture, Plugin } from "../plugin.ts";
import { createCpuSnapshots } from "./cpu-snapshots.ts";
import { type GroupName, groups } from "./groups.ts";
import { createReadings } from "./readings.ts";

const NAMES = Object.keys(groups) as GroupName[];

const variables = {
  metrics: {
    names: ["HOST_COLLECTOR_METRICS", "HOST_COLLECT_METRICS"],
    default: '["cpu","fs","la","ram"]',
    meaning: "Groups of metrics to collect.",
    expects: `a list of ${NAMES.join(", ")}`,
    schema: listOfSchema(NAMES),
  },
} as const satisfies Variables;

/** The device itself, from the kernel's files below /proc and /sys. A group that fails costs only itself. */
export const host: Plugin<typeof variables> = {
  variables,
  create({ metrics }, io, { hostRoot }) {
    const otherRoot = hostRoot !== "/";
    const takeCpuSnapshots = createCpuSnapshots(io);
    return {
      async collect(at, signal) {
        const skipped = createSkippedLines();
        const readings = createReadings(io, otherRoot, takeCpuSnapshots, skipped.skip, signal);
        const attempts = [...new Set(metrics)].map((name) => attempt(name, () => groups[name](readings, at)));
        const outcomes = await Promise.all(attempts);
        signal.throwIfAborted();
        return combine(outcomes, skipped.remark());
      },
    };
  },
};

/** The reason of a group without a figure, or with one such as 2^64 − 1. */
const NOTHING = "the kernel has no figure that can be true";

type Outcome = Capture & { group: GroupName; failed: boolean };

async function attempt(group: GroupName, collect: () => Promise<Capture>): Promise<Outcome> {
  try {
    return { group, failed: false, ...(await collect()) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const remedy = error instanceof PluginError ? { remedy: error.remedy } : {};
    return { group, failed: true, points: [], reason, ...remedy };
  }
}

function combine(outcomes: readonly Outcome[], skipped: Pick<Capture, "reason" | "remedy">): Capture {
  if (outcomes.length === 0)
    return {
      points: [],
      reason: "HOST_COLLECTOR_METRICS names no group",
      remedy: `Name some of ${NAMES.join(", ")}.`,
    };
  const points = outcomes.flatMap((outcome) => outcome.points);
  const reason = [...reasonsOf(outcomes), ...(skipped.reason === undefined ? [] : [skipped.reason])].join(
    "; ",
  );
  const remedies = [...outcomes, skipped].flatMap(({ remedy }) => remedy ?? []);
  const remedy = [...new Set(remedies)].join(" ");
  if (outcomes.every((outcome) => outcome.failed)) throw new PluginError(reason, remedy);
  if (points.length === 0 && skipped.reason !== undefined) throw new PluginError(reason, remedy);
  return { points, ...(reason === "" ? {} : { reason }), ...(remedy === "" ? {} : { remedy }) };
}

/** `la, la5: cannot read /proc/loadavg: …`: each reason once, behind the groups that it costs. */
function reasonsOf(outcomes: readonly Outcome[]): string[] {
  const names = new Map<string, string[]>();
  for (const { group, points, reason = points.length === 0 ? NOTHING : undefined } of outcomes)
    if (reason !== undefined) names.set(reason, [...(names.get(reason) ?? []), group]);
  return [...names].map(([reason, costs]) => `${costs.join(", ")}: ${reason}`);
}
