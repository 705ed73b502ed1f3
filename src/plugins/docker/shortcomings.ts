import { PluginError } from "../../errors.ts";
import type { Point } from "../../model.ts";
import { countMemory } from "../kernel/parameters.ts";
import type { Capture, Io } from "../plugin.ts";
import type { Answer, Metric } from "./container-points.ts";

/** Describes what is missing from a capture and why; rejects with PluginError when nothing could be read. */
export async function shortcomings(
  io: Io,
  answers: readonly Answer[],
  points: readonly Point[],
  wanted: ReadonlySet<Metric>,
): Promise<Pick<Capture, "reason" | "remedy">> {
  const failed = answers.filter((answer) => answer.failure !== undefined);
  const silent = `could not read ${few(failed.map(({ name, failure }) => `${name} (${failure})`))}`;
  if (failed.length === answers.length && points.length === 0)
    throw new PluginError(silent, "docker stats --no-stream   # does the engine itself get an answer?");

  const read = answers.filter((answer) => answer.now !== undefined);
  const noMemory =
    (wanted.has("memory") || wanted.has("raw")) &&
    read.length > 0 &&
    read.every((answer) => answer.now?.stats.memory === undefined);
  const impossible = points.length === 0 && failed.length === 0 && read.length > 0 && !noMemory;
  const noPercentage =
    wanted.has("cpu_percentage") &&
    read.some((answer) => answer.before === undefined) &&
    !points.some((point) => point.metric === "Chouette.docker.cpu.percentage");

  const reasons = [
    ...(failed.length > 0 ? [silent] : []),
    ...(noMemory ? ["no memory figures: the kernel does not count the memory of containers"] : []),
    ...(impossible && !noPercentage ? ["the engine has no figure that can be true"] : []),
    ...(noPercentage ? ["cpu.percentage comes with the next capture"] : []),
  ];
  return {
    ...(reasons.length > 0 ? { reason: reasons.join("; ") } : {}),
    ...(noMemory ? { remedy: await countMemory(io) } : {}),
  };
}

/** At most three of them and how many more there are. */
function few(items: readonly string[]): string {
  const more = items.length - 3;
  return items.slice(0, 3).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
