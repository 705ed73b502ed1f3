import { listOfSchema, type Variables } from "../../config/variable.ts";
import { PluginError } from "../../errors.ts";
import { rpiBoard } from "../kernel/board.ts";
import type { Capture, Io, Plugin } from "../plugin.ts";
import { clock, emmc, type Reading, root, temperature } from "./readings.ts";
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

/** What only a Raspberry Pi has: its health, as far as power, heat and card go. */
export const rpi: Plugin<typeof variables> = {
  variables,
  create({ groups }, io) {
    const readings = createReadings();
    return {
      async collect(at, signal) {
        const { pi, model } = await rpiBoard(io);
        if (!pi) return noPi(model);
        const captures = await Promise.all(
          groups.map((group) => read(group, readings[group], io, at, signal)),
        );
        const points = captures.flatMap((capture) => capture.points);
        const reasons = captures.flatMap(({ reason }) => reason ?? []);
        const remedy = captures.find((capture) => capture.remedy !== undefined)?.remedy;
        if (points.length === 0 && captures.some(({ failed }) => failed))
          throw new PluginError(reasons.join("; "), remedy ?? "sudo chouette test-plugins rpi");
        return {
          points,
          ...(reasons.length > 0 && { reason: reasons.join("; ") }),
          ...(remedy !== undefined && { remedy }),
        };
      },
    };
  },
};

function noPi(model: string | undefined): Capture {
  const leaveOut = "leave rpi out of COLLECT_PLUGINS";
  if (model !== undefined)
    return { points: [], reason: `this is not a Raspberry Pi (${model})`, remedy: leaveOut };
  return {
    points: [],
    reason: "this is not a Raspberry Pi (it does not say what it is)",
    remedy: `${leaveOut}; in a container on a Raspberry Pi, give it the host's files: docker run -v /:/host:ro -e HOST_ROOT=/host …`,
  };
}

/** One group that cannot be read costs the others nothing. */
async function read(
  group: Group,
  reading: Reading,
  io: Io,
  at: number,
  signal: AbortSignal,
): Promise<Capture & { failed: boolean }> {
  try {
    const capture = await reading(io, at, signal);
    const reason = capture.reason === undefined ? {} : { reason: `${group}: ${capture.reason}` };
    return { ...capture, ...reason, failed: false };
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    const remedy = error instanceof PluginError ? { remedy: error.remedy } : {};
    return { points: [], reason: `${group}: ${words}`, ...remedy, failed: true };
  }
}
