import { accessSync, constants, existsSync, lstatSync, mkdirSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { geteuid, pid } from "node:process";

/** `f_type` of tmpfs and ramfs: https://man7.org/linux/man-pages/man2/statfs.2.html */
const RAM_TYPES: readonly number[] = [0x01021994, 0x858458f6];

/** Docker and Podman leave these: RAM of a container goes with it, and so with its first process when that is killed. */
const CONTAINER_MARKS = ["/.dockerenv", "/run/.containerenv"] as const;

/**
 * Returns the directory in RAM in which records wait, made if need be (0700): the named one, else one below
 * $XDG_RUNTIME_DIR or /dev/shm, these not in a container. Undefined when there is none; `problem` is why the named one
 * cannot be used.
 */
export function ramDirectory({
  named,
  userRuntime,
}: RamPlaces): { directory: string } | { directory: undefined; problem?: string } {
  if (named !== undefined) {
    const problem = problemOf(named);
    return problem === undefined ? { directory: named } : { directory: undefined, problem };
  }
  if (pid === 1 || CONTAINER_MARKS.some((mark) => existsSync(mark))) return { directory: undefined };
  return { directory: usual(userRuntime).find((place) => problemOf(place) === undefined) };
}

/** Returns the directories in which an agent with these places may have its database in RAM; makes none. */
export function ramCandidates({ named, userRuntime }: RamPlaces): string[] {
  return named === undefined ? usual(userRuntime) : [named];
}

function usual(userRuntime: string | undefined): string[] {
  const shared = `/dev/shm/chouette-${geteuid?.() ?? 0}`;
  return userRuntime === undefined ? [shared] : [`${userRuntime}/chouette`, shared];
}

export type RamPlaces = {
  /** CHOUETTE_RUNTIME_DIR, RUNTIME_DIRECTORY. */
  named: string | undefined;
  /** XDG_RUNTIME_DIR. */
  userRuntime: string | undefined;
};

function problemOf(path: string): string | undefined {
  try {
    if (!existsSync(path)) {
      if (!isRam(dirname(path))) return `${dirname(path)} is not in RAM (tmpfs)`;
      mkdirSync(path, { mode: 0o700 });
    }
    // /dev/shm is everybody's: another user may have made it first.
    const { uid } = lstatSync(path);
    if (!lstatSync(path).isDirectory() || (uid !== geteuid?.() && path.startsWith("/dev/shm/")))
      return `${path} is not a directory of this user`;
    accessSync(path, constants.W_OK | constants.X_OK);
    return isRam(path) ? undefined : `${path} is not in RAM (tmpfs)`;
  } catch (error) {
    return `${path}: ${error instanceof Error ? error.message : error}`;
  }
}

function isRam(path: string): boolean {
  return RAM_TYPES.includes(statfsSync(path).type);
}
