import { readdirSync, realpathSync, type Stats, statSync } from "node:fs";
import { basename, dirname } from "node:path";

/** A compressed copy of a log: what it holds was read before. */
const COMPRESSED = /\.(gz|xz|bz2|zst|lz4|lzma|Z|zip)$/;

/**
 * What rotation puts behind a name: `.1`, `.old`, `-20260102`, `.2026-01-02`, `.20260102-030405`, with an extension or without
 * (logrotate's `extension`).
 */
const ROTATED = /[.-](\d{1,4}|old|bak|prev|\d{4}-?\d\d-?\d\d([-_.T]?\d{2,10})*|\d{10})(\.[a-z]+)?$/;

/** True for the name of a file that rotation has put aside. A pod's `0.log` is none. */
export function isRotated(path: string): boolean {
  const name = basename(path);
  return COMPRESSED.test(name) || /~$/.test(name) || (ROTATED.test(name) && !/^\d+\.log$/.test(name));
}

/** A file beside a log, and whether its name is one that rotation gives. */
export type Sibling = { path: string; ino: number; isRotated: boolean };

/** Returns the uncompressed files beside a log (beside what it links to) that may have been made of it, the oldest first. */
export function siblingsOf(path: string): Sibling[] {
  const file = realOf(path);
  const directory = dirname(file);
  const name = basename(file);
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch {
    return [];
  }
  return names
    .flatMap((other) => {
      const isRotated = isGenerationOf(other, name);
      if (COMPRESSED.test(other) || (!isRotated && !/^[.-]/.test(suffixOf(other, name)))) return [];
      const stat = statOf(`${directory}/${other}`);
      return stat === undefined
        ? []
        : [{ path: `${directory}/${other}`, ino: stat.ino, isRotated, at: stat.mtimeMs }];
    })
    .sort((a, b) => a.at - b.at || b.path.localeCompare(a.path, "en", { numeric: true }))
    .map(({ at: _, ...sibling }) => sibling);
}

/** `app.log.1`, or as some programs do `app-20260102.log` and `app.1.log`, for `app.log`; `app-errors.log.1` is another log's. */
function isGenerationOf(other: string, name: string): boolean {
  const stem = name.replace(/\.[a-z]+$/, "");
  const suffixes = [suffixOf(other, name), suffixOf(other, stem)];
  return suffixes.some((suffix) => ROTATED.exec(suffix)?.index === 0);
}

function suffixOf(other: string, name: string): string {
  return other.startsWith(name) ? other.slice(name.length) : "";
}

function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function statOf(path: string): Stats | undefined {
  try {
    const stat = statSync(path);
    return stat.isFile() ? stat : undefined;
  } catch {
    return undefined;
  }
}
