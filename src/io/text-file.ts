import { readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import type { Io } from "../plugins/plugin.ts";
import { codeOf, inWords } from "./system-errors.ts";

/**
 * Reading below `root` ("/", or where the host's root is mounted in a container). What does not exist is undefined or [];
 * what exists and cannot be read rejects with a sentence that names the whole path.
 */
export function createTextFiles(root: string): Pick<Io, "readText" | "list" | "readLink"> {
  const attempt = async <T>(path: string, read: (path: string) => Promise<T>): Promise<T | undefined> => {
    const whole = join(root, path);
    try {
      return await read(whole);
    } catch (error) {
      if (ABSENT.has(codeOf(error) ?? "")) return undefined;
      throw new Error(`cannot read ${whole}: ${inWords(error)}`, { cause: error });
    }
  };
  return {
    readText: (path) => attempt(path, (whole) => readFile(whole, "utf8")),
    list: async (path) => ((await attempt(path, (whole) => readdir(whole))) ?? []).sort(),
    readLink: (path) => attempt(path, (whole) => readlink(whole)),
  };
}

/**
 * Ways of the kernel to say "there is no such thing". Files below /proc and /sys open and then fail on reading: ESRCH for a
 * process that has ended, ENODEV and ENXIO for a device that was unplugged, ENODATA and EINVAL for a sensor that is off,
 * EOPNOTSUPP for /proc/pressure of a kernel started with psi=0. A link that is none is EINVAL, too.
 */
const ABSENT: ReadonlySet<string> = new Set([
  "ENOENT",
  "ENOTDIR",
  "ENODEV",
  "ENXIO",
  "ESRCH",
  "ENODATA",
  "EINVAL",
  "EOPNOTSUPP",
  "ENOTSUP",
]);
