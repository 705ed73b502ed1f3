import { listOfSchema, textSchema, type Variables } from "../../config/variable.ts";
import { PluginError } from "../../errors.ts";
import type { Point } from "../../model.ts";
import { readBoard } from "../kernel/board.ts";
import { createSkippedLines } from "../kernel/skipped-lines.ts";
import type { Capture, Io, Plugin } from "../plugin.ts";
import { jetsonKernel } from "./jetson-kernel.ts";
import type { Tegrastats } from "./parse-tegrastats.ts";
import { tegrastatsChild } from "./tegrastats-child.ts";
import { GROUPS, type Group, tegrastatsPoints } from "./tegrastats-points.ts";

const variables = {
  path: {
    names: ["TEGRASTATS_PATH"],
    default: "/usr/bin/tegrastats",
    meaning: "NVIDIA's tegrastats.",
    expects: "the path of a program",
    schema: textSchema(),
  },
  groups: {
    names: ["TEGRASTATS_METRICS"],
    default: '["ram","temp"]',
    meaning: "Groups of metrics to collect.",
    expects: `a list of ${GROUPS.join(", ")}`,
    schema: listOfSchema(GROUPS),
  },
} as const satisfies Variables;

/** An Nvidia Jetson: memory, temperatures, processors and power, from its program tegrastats or from the kernel. */
export const tegrastats: Plugin<typeof variables> = {
  variables,
  create({ path, groups }, io, { captureInterval }) {
    const child = tegrastatsChild(io.lines, path, captureInterval);
    return {
      async collect(at, signal) {
        const reading = await child.read(io.monotonic(), signal);
        if ("stats" in reading) return fromProgram(reading, path, groups, at);
        const remedy = `see what it prints: ${path} --interval 1000; if it is elsewhere, set TEGRASTATS_PATH (ls /usr/bin/tegrastats /home/*/tegrastats); in a container, mount it there`;
        if (signal.aborted) throw new PluginError(reading.problem, remedy);
        return fromKernel(io, groups, at, reading.problem, remedy);
      },
      close: () => child.close(),
    };
  },
};

/** Sections that some releases print for root only. */
const FOR_ROOT: readonly Group[] = ["gpu", "emc", "power"];

function fromProgram(
  { stats, replaced }: { stats: Tegrastats; replaced?: string },
  path: string,
  groups: readonly Group[],
  at: number,
): Capture {
  const { points, missing } = choose(stats, groups, at);
  const reasons = [
    ...(replaced === undefined ? [] : [replaced]),
    ...(missing.length === 0 ? [] : [`${path} prints no ${missing.join(", no ")}`]),
    ...(stats.unknown === 0 ? [] : [`${stats.unknown} fields that it prints are not understood`]),
  ];
  return {
    points,
    ...(reasons.length > 0 && { reason: reasons.join("; ") }),
    ...(missing.some((group) => FOR_ROOT.includes(group)) && {
      remedy: `compare ${path} with sudo ${path}: what only root is shown needs User=root (sudo systemctl edit chouette)`,
    }),
  };
}

async function fromKernel(
  io: Io,
  groups: readonly Group[],
  at: number,
  problem: string,
  remedy: string,
): Promise<Capture> {
  const { jetson, model } = await readBoard(io);
  if (!jetson) return noJetson(model, problem);
  const skipped = createSkippedLines();
  const { points, missing } = choose(await jetsonKernel(io, groups, skipped.skip), groups, at);
  const shown =
    missing.length === 0 ? "the values are the kernel's" : `the kernel shows no ${missing.join(", no ")}`;
  const reason = [problem, shown, ...[skipped.remark().reason ?? []].flat()].join("; ");
  if (points.length === 0) throw new PluginError(reason, remedy);
  return { points, reason, remedy };
}

function noJetson(model: string | undefined, problem: string): Capture {
  const leaveOut = "leave tegrastats out of COLLECT_PLUGINS";
  if (model !== undefined)
    return { points: [], reason: `this is not an Nvidia Jetson (${model}); ${problem}`, remedy: leaveOut };
  return {
    points: [],
    reason: `this is not an Nvidia Jetson (it has no device tree); ${problem}`,
    remedy: `${leaveOut}; in a container on a Jetson, give it the host's files: docker run -v /:/host:ro -e HOST_ROOT=/host …`,
  };
}

function choose(
  stats: Tegrastats,
  groups: readonly Group[],
  at: number,
): { points: Point[]; missing: Group[] } {
  const points = groups.map((group) => tegrastatsPoints(stats, group, at));
  return { points: points.flat(), missing: groups.filter((_, index) => points[index]?.length === 0) };
}
