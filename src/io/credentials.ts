import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { codeOf } from "./system-errors.ts";

/** A key with all its line ends is far below this. */
const LIMIT = 64 * 1024;

/** Milliseconds: how long a pipe may stay silent, and between two looks at it. */
const PATIENCE = 3000;
const LOOK = 20;

/**
 * The text of a small file, such as one that holds a key, at once: this happens before anything else runs. A pipe is read
 * too (`--env-file <(pass show chouette)`). Throws the system's error with its `code`; a file over 64 KiB, or one that never
 * ends, throws EFBIG, and a pipe that nobody writes to ENODATA.
 */
export function readCredential(path: string): string {
  // Without O_NONBLOCK the open itself waits for somebody who writes into the pipe, and no signal ends that.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const read = fstatSync(file).isFIFO() ? patientRead() : readSync;
    const buffer = Buffer.alloc(LIMIT + 1);
    let length = 0;
    for (let count = -1; count !== 0 && length < buffer.length; length += count)
      count = read(file, buffer, length, buffer.length - length, null);
    if (length > LIMIT) throw Object.assign(new Error("the file is over 64 KiB"), { code: "EFBIG" });
    return buffer.toString("utf8", 0, length);
  } finally {
    closeSync(file);
  }
}

/** Reads from a pipe: waits for its first bytes, and then for its end. */
function patientRead(): (file: number, buffer: Buffer, at: number, length: number, position: null) => number {
  let waited = 0;
  return (...call) => {
    for (;;) {
      const count = tryRead(...call);
      // Before its writer has opened it, a pipe is at its end.
      if (count > 0 || (count === 0 && call[2] > 0)) return count;
      if (waited >= PATIENCE)
        throw Object.assign(new Error("nothing is written to this pipe"), { code: "ENODATA" });
      waited += LOOK;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOOK);
    }
  };
}

/** The number of bytes; -1 when there are none now. */
function tryRead(...call: Parameters<ReturnType<typeof patientRead>>): number {
  try {
    return readSync(...call);
  } catch (error) {
    if (codeOf(error) === "EAGAIN") return -1;
    throw error;
  }
}
