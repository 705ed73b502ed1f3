import type { Io } from "../plugin.ts";
import type { Skip } from "./skipped-lines.ts";

/** Parses a file that holds one whole number: `54542`, `-398`. */
export function parseWholeNumber(text: string, source: string, skip: Skip): number | undefined {
  const number = text.trim();
  if (/^-?\d+$/.test(number)) return Number(number);
  // What is switched off or asleep has an empty text.
  if (number !== "") skip(source, text);
  return undefined;
}

/** Reads such a file; undefined when it is absent, empty or not understood. Rejects when it may not be read. */
export async function readWholeNumber(io: Io, path: string, skip: Skip): Promise<number | undefined> {
  const text = await io.readText(path);
  return text === undefined ? undefined : parseWholeNumber(text, path, skip);
}
