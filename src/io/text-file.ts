import { readdirSync, readFileSync, statSync } from "node:fs";
import { readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import type { Io } from "../plugins/plugin.ts";
import { codeOf, ioError } from "./system-errors.ts";

type TextFiles = Pick<Io, "readText" | "list" | "readTextSync" | "listSync" | "isLeafSync" | "readLink">;

/**
 * Reads below `root` ("/", or where the host's root is mounted in a container). What does not exist is undefined or [];
 * what exists and cannot be read fails with an IoError that names the whole path.
 */
export function createTextFiles(root: string): TextFiles {
  const attempt = async <T>(path: string, read: (path: string) => Promise<T>): Promise<T | undefined> => {
    const whole = join(root, path);
    return read(whole).catch((error: unknown) => absentOrThrow(whole, error));
  };
  const attemptSync = <T>(path: string, read: (path: string) => T): T | undefined => {
    const whole = join(root, path);
    try {
      return read(whole);
    } catch (error) {
      return absentOrThrow(whole, error);
    }
  };
  return {
    readText: (path) => attempt(path, (whole) => readFile(whole, "utf8")),
    list: async (path) => ((await attempt(path, (whole) => readdir(whole))) ?? []).sort(),
    readTextSync: (path) => attemptSync(path, (whole) => readFileSync(whole, "utf8")),
    listSync: (path) => (attemptSync(path, (whole) => readdirSync(whole)) ?? []).sort(),
    isLeafSync: (path) => hasTwoLinks(join(root, path)),
    readLink: (path) => attempt(path, (whole) => readlink(whole)),
  };
}

/** Its own and that of the entry `.`; each directory below adds one. btrfs and overlayfs do not count and say 1. */
function hasTwoLinks(directory: string): boolean {
  try {
    return statSync(directory).nlink === 2;
  } catch {
    return false;
  }
}

function absentOrThrow(whole: string, error: unknown): undefined {
  if (ABSENT.has(codeOf(error) ?? "")) return undefined;
  throw ioError(`cannot read ${whole}`, error);
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
