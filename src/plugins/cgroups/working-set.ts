import { sound } from "../reading.ts";
import { parseAmount } from "./amount.ts";
import { type GroupFiles, parsed, requiredKey } from "./parsed.ts";

/**
 * Reads the usage without the file pages that were not needed of late, which the kernel drops first: the working set of kubelet
 * and what `docker stats` shows. The two files are of different moments, hence never below zero. Undefined when either is missing
 * or cannot be true.
 */
export function readWorkingSet(
  files: GroupFiles,
  directory: string,
  usageFile: string,
  inactiveKey: string,
): number | undefined {
  const usage = parsed(files, `${directory}/${usageFile}`, parseAmount);
  const inactive = sound(requiredKey(files, `${directory}/memory.stat`, inactiveKey));
  return usage === undefined || inactive === undefined ? undefined : Math.max(0, usage - inactive);
}
