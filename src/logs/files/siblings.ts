import { readdirSync, statSync } from "node:fs";
import { basename, dirname } from "node:path";

/** A compressed copy of a log: what it holds was read before. */
const COMPRESSED = /\.(gz|xz|bz2|zst|lz4|lzma|Z|zip)$/;

/**
 * What rotation puts behind a name: `.1`, `.old`, `-20260102`, `.2026-01-02`, `.20260102-030405`, with an extension or without
 * (logrotate's `extension`).
 */
const ROTATED = /[.-](\d{1,4}|old|bak|prev|\d{4}-?\d\d-?\d\d([-_.T]?\d{2,6})*|\d{10})(\.log)?$/;

/** True for the name of a file that rotation has put aside. A pod's `0.log` is none. */
export function isRotated(path: string): boolean {
  const name = basename(path);
  return COMPRESSED.test(name) || /~$/.test(name) || (ROTATED.test(name) && !/^\d+\.log$/.test(name));
}

/** Returns the uncompressed files beside a log that rotation may have made of it, the oldest first. */
export function siblingsOf(path: string): string[] {
  const directory = dirname(path);
  const name = basename(path);
  const stem = name.replace(/\.[a-z]+$/, "");
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch {
    return [];
  }
  return names
    .filter(
      (other) =>
        other !== name && other.startsWith(stem) && !COMPRESSED.test(other) && isSuffixed(other, name, stem),
    )
    .map((other) => ({ path: `${directory}/${other}`, at: writtenAt(`${directory}/${other}`) }))
    .filter(({ at }) => at !== undefined)
    .sort((a, b) => (a.at ?? 0) - (b.at ?? 0) || b.path.localeCompare(a.path, "en", { numeric: true }))
    .map((it) => it.path);
}

/** `app.log.1`, or as some programs do `app-20260102.log` and `app.1.log`. */
function isSuffixed(other: string, name: string, stem: string): boolean {
  return /^[.-]/.test(other.slice(name.length)) && other.startsWith(name)
    ? true
    : isRotated(other) && other.startsWith(stem);
}

function writtenAt(path: string): number | undefined {
  try {
    const stat = statSync(path);
    return stat.isFile() ? stat.mtimeMs : undefined;
  } catch {
    return undefined;
  }
}
