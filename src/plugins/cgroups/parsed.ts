import type { Skip } from "../kernel/skipped-lines.ts";
import type { Io } from "../plugin.ts";
import { parseFlatKeyed } from "./flat-keyed.ts";

/**
 * How the files of control groups are read: at once, without handing each to a thread of the runtime's pool, which costs more
 * than the reading. Their mounts are of type cgroup or cgroup2, as mountinfo says, so the kernel makes the text in memory: no
 * disk, network or FUSE daemon can hold it up.
 */
export type GroupFiles = Pick<Io, "readTextSync"> & { skip: Skip };

/** Parses a file of a group; undefined when it is not there, as with a group that ended in the meantime. */
export function parsed<T>(
  { readTextSync, skip }: GroupFiles,
  path: string,
  parse: (text: string, source: string, skip: Skip) => T,
): T | undefined {
  const text = readTextSync(path);
  return text === undefined ? undefined : parse(text, path, skip);
}

/** Returns the value of one key of a flat keyed file of a group. */
export function keyed(files: GroupFiles, path: string, key: string): number | undefined {
  return parsed(files, path, (text, source, skip) => parseFlatKeyed(text, key, source, skip));
}

/** The same of a key that every kernel has: it is reported when it is missing. */
export function requiredKey(files: GroupFiles, path: string, key: string): number | undefined {
  return parsed(files, path, (text, source, skip) => {
    const value = parseFlatKeyed(text, key, source, skip);
    if (value === undefined) skip(source, `(no line ${key})`);
    return value;
  });
}
