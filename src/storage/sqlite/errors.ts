import { dirname } from "node:path";
import { LeaseLost, StorageError } from "../../errors.ts";

type Explanation = readonly [problem: string, remedy: string];

const DAMAGED: Explanation = [
  "is damaged",
  "The next attempt keeps what can be read of it. For the cause, type: sudo dmesg | tail",
];

const FULL: Explanation = [
  "cannot grow: the disk is full, or has no free inodes",
  "To free space, type: df -h {dir}; df -i {dir}; sudo du -xh / | sort -h | tail",
];

/** Problem and remedy by SQLite's primary result code (https://sqlite.org/rescode.html) or the code of a file system error. */
const EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  5: ["is locked by another program", "To see which: sudo fuser -v {path}"],
  8: ["is not writable", "Type: sudo chown -R {user} {dir}"],
  10: [
    "cannot be read or written: the disk reports an error",
    "Type: sudo dmesg | tail; the SD card may be worn out",
  ],
  11: DAMAGED,
  13: FULL,
  14: ["cannot be opened", "Type: ls -ld {dir}; then: sudo chown -R {user} {dir}"],
  26: DAMAGED,
  ENOSPC: FULL,
  EROFS: ["is on a read-only file system", "Type: sudo mount -o remount,rw $(findmnt -nro TARGET -T {dir})"],
  EACCES: ["cannot be opened by this user", "Type: sudo chown -R {user} {dir}"],
  EPERM: ["cannot be opened by this user", "Type: sudo chown -R {user} {dir}"],
  "EACCES mkdir": [
    "has no directory, and this user cannot create it",
    "Type: sudo install -d -m 750 -o {user} {dir}",
  ],
  ELOOP: ["is a symbolic link, which Chouette does not follow", "Remove it: sudo rm {path}"],
  EISDIR: ["is a directory", "Choose another: CHOUETTE_STATE_DIR=/var/lib/chouette"],
  EEXIST: ["is not in a directory", "Choose another: CHOUETTE_STATE_DIR=/var/lib/chouette"],
  ENOTDIR: ["is not in a directory", "Choose another: CHOUETTE_STATE_DIR=/var/lib/chouette"],
  ENOENT: ["cannot be created", "Choose another place: CHOUETTE_STATE_DIR=/var/lib/chouette"],
};

/** Returns our own errors unchanged, and a StorageError with problem and remedy for others; `uid` is the user of this process. */
export function explainSqliteError(error: unknown, path: string, uid: number): Error {
  if (error instanceof StorageError || error instanceof LeaseLost) return error;
  const { code, syscall, message } = error as { code?: unknown; syscall?: unknown; message?: unknown };
  const [problem, remedy] = EXPLANATIONS[`${code} ${syscall}`] ??
    EXPLANATIONS[resultCode(error) ?? String(code)] ?? [
      `failed: ${message ?? error}`,
      "Type: sudo dmesg | tail; df -h {dir}",
    ];
  const command = remedy
    .replaceAll("{user}", String(uid))
    .replaceAll("{dir}", dirname(path))
    .replaceAll("{path}", path);
  return new StorageError(`The database ${path} ${problem}. ${command}.`, { cause: error });
}

/** True for SQLITE_ERROR, as for a table that is not there. */
export function lacksTable(error: unknown): boolean {
  return resultCode(error) === 1;
}

/** SQLITE_READONLY, SQLITE_IOERR, SQLITE_FULL, and what the file system says of a medium in that state. */
const MEDIUM_FAILURES: readonly (number | string)[] = [8, 10, 13, "EROFS", "EIO", "ENOSPC", "EDQUOT"];

/** True when the medium failed, which may pass; false for a path or permissions that only a person can correct. */
export function isMediumFailure(error: unknown): boolean {
  const cause = error instanceof StorageError ? error.cause : error;
  if (typeof cause !== "object" || cause === null) return false;
  const { code } = cause as { code?: unknown };
  return MEDIUM_FAILURES.includes(resultCode(cause) ?? String(code));
}

/** True for SQLITE_CORRUPT and SQLITE_NOTADB: broken pages, or a file that is not a database. */
export function isDamage(error: unknown): boolean {
  const code = resultCode(error);
  return code === 11 || code === 26;
}

/** True for SQLITE_CANTOPEN: a file beside the database cannot be created, and SQLite does not tell why. */
export function cannotOpen(error: unknown): boolean {
  return resultCode(error) === 14;
}

/** Returns the primary result code; extended codes use the higher bits. */
function resultCode(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown }).errcode;
  return typeof code === "number" ? code & 0xff : undefined;
}
