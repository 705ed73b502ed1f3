import { dirname } from "node:path";
import { LeaseLost, StorageError } from "../errors.ts";

/** What SQLite (primary result code, https://sqlite.org/rescode.html) or the file system said → what happened, and what to type. */
const EXPLANATIONS: Readonly<Record<string, readonly [happened: string, remedy: string]>> = {
  5: ["is locked by another program", "Which one: sudo fuser -v PATH"],
  8: ["may not be written", "Type: sudo chown -R $(id -un) DIR"],
  10: [
    "cannot be read or written: the disk reports an error",
    "Look: sudo dmesg | tail; the SD card may be worn out",
  ],
  11: [
    "is damaged",
    "It is moved aside at the next try; later: sqlite3 PATH.corrupt-… .recover; look: sudo dmesg | tail",
  ],
  13: ["has no room: the disk is full", "Make some: df -h DIR; sudo du -xh / | sort -h | tail"],
  14: ["cannot be opened", "Look: ls -ld DIR; then: sudo chown -R $(id -un) DIR"],
  ENOSPC: ["has no room: the disk is full", "Make some: df -h DIR; sudo du -xh / | sort -h | tail"],
  EROFS: ["is on a read-only file system", "Type: sudo mount -o remount,rw $(findmnt -nro TARGET -T DIR)"],
  EACCES: ["may not be opened by this user", "Type: sudo chown -R $(id -un) DIR"],
  EPERM: ["may not be opened by this user", "Type: sudo chown -R $(id -un) DIR"],
  EISDIR: ["is a directory", "Choose another: CHOUETTE_STATE_DIR=/var/lib/chouette"],
  ENOTDIR: ["is not in a directory", "Choose another: CHOUETTE_STATE_DIR=/var/lib/chouette"],
  ENOENT: ["cannot be created", "Choose another place: CHOUETTE_STATE_DIR=/var/lib/chouette"],
};

/** The same error when it is one of ours already, else in words. */
export function explainSqliteError(error: unknown, path: string): Error {
  if (error instanceof StorageError || error instanceof LeaseLost) return error;
  const { code, message } = error as { code?: unknown; message?: unknown };
  const [happened, remedy] = EXPLANATIONS[resultCode(error) ?? String(code)] ?? [
    `failed: ${message ?? error}`,
    "Look: sudo dmesg | tail; df -h DIR",
  ];
  const typed = remedy.replaceAll("DIR", dirname(path)).replaceAll("PATH", path);
  return new StorageError(`The database ${path} ${happened}. ${typed}.`);
}

/** The file is no database, or one with broken pages: SQLITE_CORRUPT, SQLITE_NOTADB. */
export function isDamage(error: unknown): boolean {
  const code = resultCode(error);
  return code === 11 || code === 26;
}

/** The primary result code: extended ones carry more in the higher bits. */
function resultCode(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown }).errcode;
  return typeof code === "number" ? code & 0xff : undefined;
}
