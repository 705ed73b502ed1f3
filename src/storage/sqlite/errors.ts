import { dirname } from "node:path";
import { LeaseLost, StorageError } from "../../errors.ts";

type Explanation = readonly [happened: string, remedy: string];

const DAMAGED: Explanation = [
  "is damaged",
  "It is moved aside at the next try; later: sqlite3 {path}.corrupt-… .recover; look: sudo dmesg | tail",
];

/** What SQLite (primary result code, https://sqlite.org/rescode.html) or the file system said → what happened, and what to type. */
const EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  5: ["is locked by another program", "Which one: sudo fuser -v {path}"],
  8: ["may not be written", "Type: sudo chown -R {user} {dir}"],
  10: [
    "cannot be read or written: the disk reports an error",
    "Look: sudo dmesg | tail; the SD card may be worn out",
  ],
  11: DAMAGED,
  13: ["has no room: the disk is full", "Make some: df -h {dir}; sudo du -xh / | sort -h | tail"],
  14: ["cannot be opened", "Look: ls -ld {dir}; then: sudo chown -R {user} {dir}"],
  26: DAMAGED,
  ENOSPC: ["has no room: the disk is full", "Make some: df -h {dir}; sudo du -xh / | sort -h | tail"],
  EROFS: ["is on a read-only file system", "Type: sudo mount -o remount,rw $(findmnt -nro TARGET -T {dir})"],
  EACCES: ["may not be opened by this user", "Type: sudo chown -R {user} {dir}"],
  EPERM: ["may not be opened by this user", "Type: sudo chown -R {user} {dir}"],
  "EACCES mkdir": [
    "has no directory, and this user may not make it",
    "Type: sudo install -d -m 750 -o {user} {dir}",
  ],
  EISDIR: ["is a directory", "Choose another: CHOUETTE_STATE_DIR=/var/lib/chouette"],
  EEXIST: ["is not in a directory", "Choose another: CHOUETTE_STATE_DIR=/var/lib/chouette"],
  ENOTDIR: ["is not in a directory", "Choose another: CHOUETTE_STATE_DIR=/var/lib/chouette"],
  ENOENT: ["cannot be created", "Choose another place: CHOUETTE_STATE_DIR=/var/lib/chouette"],
};

/** The same error when it is one of ours already, else in words; `uid` is the user who has met it. */
export function explainSqliteError(error: unknown, path: string, uid: number): Error {
  if (error instanceof StorageError || error instanceof LeaseLost) return error;
  const { code, syscall, message } = error as { code?: unknown; syscall?: unknown; message?: unknown };
  const [happened, remedy] = EXPLANATIONS[`${code} ${syscall}`] ??
    EXPLANATIONS[resultCode(error) ?? String(code)] ?? [
      `failed: ${message ?? error}`,
      "Look: sudo dmesg | tail; df -h {dir}",
    ];
  const typed = remedy
    .replaceAll("{user}", String(uid))
    .replaceAll("{dir}", dirname(path))
    .replaceAll("{path}", path);
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
