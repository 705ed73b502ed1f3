import type { Skip } from "../../../src/plugins/kernel/skipped-lines.ts";

/** What a parser gives, and the lines that it skipped, each as [file, line]. */
export function skipping<T>(parse: (skip: Skip) => T): { value: T; skipped: [string, string][] } {
  const skipped: [string, string][] = [];
  const value = parse((source, line) => skipped.push([source, line]));
  return { value, skipped };
}

/** For texts of which every line has to be understood. */
export const noSkip: Skip = (source, line) => {
  throw new Error(`${source}: ${JSON.stringify(line)} was skipped`);
};
