import type { Storage } from "../storage/storage.ts";
import { parseState } from "./stream-state.ts";

/** Seconds after which the position in a file that vanished, or that is no longer configured, is forgotten. */
const LONGEST = 7 * 86_400;

/**
 * Returns the notes to write so that streams are forgotten that are not among `present` and were last read a week ago: an empty
 * text takes the place of each. The names of this device's notes begin with `prefix`.
 */
export async function vanishedNotes(
  { notes }: Pick<Storage, "notes">,
  prefix: string,
  present: ReadonlySet<string>,
  now: number,
): Promise<Record<string, string>> {
  const all = Object.entries(await notes(prefix));
  const gone = all.filter(([name, text]) => {
    const state = present.has(name) ? undefined : parseState(text);
    return state?.readAt !== undefined && now - state.readAt > LONGEST;
  });
  return Object.fromEntries(gone.map(([name]) => [name, ""]));
}
