import { writeSync } from "node:fs";

/** The destination of a program's log. */
export const standardError = writeTo(2);

/**
 * An open file that is written to at once, so that a crash loses nothing. What cannot be written (the reader is gone, the
 * disk is full, the reader is stuck) is dropped: a log that fails must not stop the agent.
 */
export function writeTo(file: number): { write(text: string): void } {
  const patience = 50;
  /** Waits since something was written; a reader that is stuck is waited for once, not at every line. */
  let waits = 0;
  const writeSome = (bytes: Uint8Array): number => {
    try {
      const written = writeSync(file, bytes);
      waits = 0;
      return written;
    } catch (error) {
      // EAGAIN: who started us made this pipe or terminal non-blocking, and its reader is behind.
      if ((error as { code?: string }).code !== "EAGAIN" || waits === patience) return bytes.length;
      waits++;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
      return 0;
    }
  };
  return {
    write(text) {
      let rest: Uint8Array = Buffer.from(text);
      while (rest.length > 0) rest = rest.subarray(writeSome(rest));
    },
  };
}
