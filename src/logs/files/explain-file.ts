import { codeOf, inWords } from "../../io/system-errors.ts";
import { NotAFile } from "./open-file.ts";

/** Returns why a file of LOG_FILES is not read, and what to type. `problem` is undefined for a glob that names nothing. */
export function explainFile(path: string, problem: unknown): { reason: string; remedy: string } {
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
      ? `let the agent read it: sudo setfacl -m u:chouette:r ${path}, or where the group of the file is adm: sudo usermod -aG adm chouette && sudo systemctl restart chouette`
      : `ls -l ${path}; the file is read as soon as it appears`,
  };
}
