import { thisPlace } from "../../io/place.ts";
import { codeOf, inWords } from "../../io/system-errors.ts";
import { allowReading, joinGroup } from "../../plugins/advice.ts";
import { NotAFile } from "./open-file.ts";

/** Returns why a file of LOG_FILES is not read, and what to type. `problem` is undefined for a glob that names nothing. */
export function explainFile(
  path: string,
  problem: unknown,
  place = thisPlace(),
): { reason: string; remedy: string } {
  if (problem === undefined)
    return { reason: "no such file", remedy: `ls -l ${path}; the file is read as soon as it appears` };
  if (problem instanceof NotAFile)
    return {
      reason: "it is a directory, a FIFO, a socket or a device",
      remedy: `name files in LOG_FILES: ${path}/*.log for those of a directory`,
    };
  const denied = ["EACCES", "EPERM"].includes(codeOf(problem) ?? "");
  return {
    reason: inWords(problem),
    remedy: denied
      ? `let the agent read it: ${allowReading(place, path)}, or where its group is adm: ${joinGroup(place, "adm", path)}`
      : `ls -l ${path}; the file is read as soon as it appears`,
  };
}
