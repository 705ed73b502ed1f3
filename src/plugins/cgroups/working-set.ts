import { ParseError } from "../../errors.ts";
import type { Io } from "../plugin.ts";
import { parseAmount } from "./amount.ts";
import { parseFlatKeyed } from "./flat-keyed.ts";
import { parsed } from "./parsed.ts";

/**
 * Usage without the file pages that were not needed of late, which the kernel drops first: the working set of kubelet
 * and what `docker stats` shows. The two files are of different moments, hence never below zero.
 */
export async function readWorkingSet(io: Io, directory: string, usageFile: string, inactiveKey: string) {
  const file = `${directory}/memory.stat`;
  const [usage, stat] = await Promise.all([
    parsed(io, `${directory}/${usageFile}`, parseAmount),
    parsed(io, file, parseFlatKeyed),
  ]);
  if (usage === undefined || stat === undefined) return undefined;
  const inactive = stat.get(inactiveKey);
  if (inactive === undefined) throw new ParseError(file, `(no line ${inactiveKey})`);
  return Math.max(0, usage - inactive);
}
