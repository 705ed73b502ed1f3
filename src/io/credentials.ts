import { closeSync, openSync, readSync } from "node:fs";

/** A key with all its line ends is far below this. */
const LIMIT = 64 * 1024;

/**
 * The text of a small file, such as one that holds a key, at once: this happens before anything else runs.
 * Throws the system's error with its `code`; a file over 64 KiB, or one that never ends, throws EFBIG.
 */
export function readCredential(path: string): string {
  const file = openSync(path, "r");
  try {
    const buffer = Buffer.alloc(LIMIT + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < buffer.length; length += read)
      read = readSync(file, buffer, length, buffer.length - length, null);
    if (length > LIMIT) throw Object.assign(new Error("the file is over 64 KiB"), { code: "EFBIG" });
    return buffer.toString("utf8", 0, length);
  } finally {
    closeSync(file);
  }
}
