import { listOfSchema, type Variables } from "../../config/variable.ts";
import { PluginError } from "../../errors.ts";
import { readBoard } from "../kernel/board.ts";
import { createSkippedLines } from "../kernel/skipped-lines.ts";
import type { Capture, Plugin } from "../plugin.ts";
import { clock, emmc, type Reading, root, type Scene, temperature } from "./readings.ts";
import { createThrottled } from "./throttled.ts";

const GROUPS = ["temp", "throttled", "root", "clock", "emmc"] as const;

type Group = (typeof GROUPS)[number];

const createReadings = (): Readonly<Record<Group, Reading>> => ({
  temp: temperature,
  throttled: createThrottled(),
  root,
  clock,
  emmc,
});

const variables = {
  groups: {
    names: ["RPI_METRICS"],
    default: '["temp","throttled","root"]',
    meaning: "Groups of metrics to collect.",
    expects: `a list of ${GROUPS.join(", ")}`,
    schema: listOfSchema(GROUPS),
  },
} as const satisfies Variables;

/** Captures the health of a Raspberry Pi: power, heat and card. */
export const rpi: Plugin<typeof variables> = {
  variables,
  create({ groups }, io) {
    const readings = createReadings();
    return {
      async collect(at, signal) {
        const { raspberryPi, model } = await readBoard(io);
        if (!raspberryPi) return noPi(model);
        const { skip, remark } = createSkippedLines();
        const scene = { io, at, skip, signal };
        const captures = await Promise.all(groups.map((group) => read(group, readings[group], scene)));
        return combine([...captures, { points: [], ...remark(), failed: remark().reason !== undefined }]);
      },
    };
  },
};

/** Joins the captures of all groups, each remedy with the groups that it helps. Throws PluginError when every group failed. */
function combine(captures: readonly Attempt[]): Capture {
  const points = captures.flatMap((capture) => capture.points);
  const reasons = captures.flatMap(({ group, reason }) =>
    reason === undefined ? [] : named([group], reason),
  );
  const helped = new Map<string, (Group | undefined)[]>();
  for (const { group, remedy } of captures)
    if (remedy !== undefined) helped.set(remedy, [...(helped.get(remedy) ?? []), group]);
  const remedies = [...helped].map(([remedy, groups]) =>
    reasons.length === 1 ? remedy : named(groups, remedy),
  );
  if (points.length === 0 && captures.some(({ failed }) => failed))
    throw new PluginError(reasons.join("; "), remedies.join("; ") || "sudo chouette test-plugins rpi");
  return {
    points,
    ...(reasons.length > 0 && { reason: reasons.join("; ") }),
    ...(remedies.length > 0 && { remedy: remedies.join("; ") }),
  };
}

/** `temp, clock: …`; what belongs to no group stands alone. */
function named(groups: readonly (Group | undefined)[], words: string): string {
  const names = groups.filter((group) => group !== undefined);
  return names.length === 0 ? words : `${names.join(", ")}: ${words}`;
}

type Attempt = Capture & { group?: Group; failed: boolean };

function noPi(model: string | undefined): Capture {
  const leaveOut = "leave rpi out of COLLECT_PLUGINS";
  if (model !== undefined)
    return { points: [], reason: `this is not a Raspberry Pi (${model})`, remedy: leaveOut };
  return {
    points: [],
    reason: "this is not a Raspberry Pi (the model is unknown)",
    remedy: `${leaveOut}; in a container on a Raspberry Pi, give it the host's files: docker run -v /:/host:ro -e HOST_ROOT=/host …`,
  };
}

/** Captures a group; its failure does not affect the others. */
async function read(group: Group, reading: Reading, scene: Scene): Promise<Attempt> {
  try {
    return { group, ...(await reading(scene)), failed: false };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const remedy = error instanceof PluginError ? { remedy: error.remedy } : {};
    return { group, points: [], reason, ...remedy, failed: true };
  }
}
