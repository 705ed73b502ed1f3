import type { Skip } from "../../../src/plugins/kernel/skipped-lines.ts";

/** What a parser gives, and the lines that it skipped, each as [file, line]. */
export function skipping<T>(parse: (skip: Skip) => T): { value: T; skipped: [string, string][] } {
  const skipped: [string, string][] = [];
  const value = parse((source, line) => skipped.push([source, line]));
  return { value, skipped };
}

/** For texts in which every line must be valid. */
export const noSkip: Skip = (source, line) => {
  throw new Error(`${source}: ${JSON.stringify(line)} was skipped`);
};
