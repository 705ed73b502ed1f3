import type { Io } from "../plugin.ts";

/** What a file says; undefined when it is not there, as with a group that ended in the meantime. */
export async function parsed<T>(
  io: Io,
  path: string,
  parse: (text: string, source: string) => T,
): Promise<T | undefined> {
  const text = await io.readText(path);
  return text === undefined ? undefined : parse(text, path);
}
