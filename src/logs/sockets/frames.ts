import { textOf } from "../files/split-lines.ts";

/** Bytes of a message that are kept. */
const MAX_MESSAGE = 256_000;

export type Frames = {
  /** Takes bytes of a connection and returns the messages that are complete. */
  take(chunk: Buffer): string[];
  /** The message without an end, once the connection is closed. */
  rest(): string[];
  /** Messages that were too long since the last call. */
  cut(): number;
};

/**
 * Divides a stream into messages as RFC 6587 has it: `95 <13>1 …`, counted in bytes, or up to a newline. A message that is too long
 * is cut and the rest of it skipped, so that memory is bounded whatever is sent.
 */
export function createFrames(): Frames {
  let held = Buffer.alloc(0);
  /** Bytes of a counted message that are skipped; -1: up to the next newline. */
  let skip = 0;
  let cut = 0;

  function skipped(bytes: Buffer): Buffer {
    if (skip === -1) {
      const newline = bytes.indexOf(10);
      if (newline === -1) return bytes.subarray(bytes.length);
      skip = 0;
      return bytes.subarray(newline + 1);
    }
    const some = Math.min(skip, bytes.length);
    skip -= some;
    return bytes.subarray(some);
  }

  return {
    take(chunk) {
      const messages: string[] = [];
      let bytes = held.length === 0 ? skipped(chunk) : Buffer.concat([held, chunk]);
      for (;;) {
        const counted = COUNT.exec(bytes.subarray(0, 10).toString("latin1"));
        if (counted !== null) {
          const start = counted[0].length - 1;
          const length = Number(counted[1]);
          if (bytes.length < start + Math.min(length, MAX_MESSAGE)) break;
          messages.push(textOf(bytes.subarray(start, start + Math.min(length, MAX_MESSAGE))).trimEnd());
          if (length > MAX_MESSAGE) cut++;
          skip = Math.max(0, start + length - bytes.length);
          bytes = bytes.subarray(Math.min(bytes.length, start + length));
          if (bytes[0] === 10) bytes = bytes.subarray(1);
          continue;
        }
        const newline = bytes.indexOf(10);
        if (newline === -1) {
          if (bytes.length <= MAX_MESSAGE) break;
          messages.push(textOf(bytes.subarray(0, MAX_MESSAGE)));
          cut++;
          skip = -1;
          bytes = bytes.subarray(bytes.length);
          break;
        }
        messages.push(textOf(bytes.subarray(0, newline)));
        bytes = bytes.subarray(newline + 1);
      }
      held = Buffer.from(bytes);
      return messages.filter((message) => message !== "");
    },
    rest() {
      const message = textOf(held);
      held = Buffer.alloc(0);
      return message === "" || COUNT.test(message) ? [] : [message];
    },
    cut() {
      const number = cut;
      cut = 0;
      return number;
    },
  };
}

/** A count, a blank and the beginning of a message: plain text that begins with a number and a blank is none. */
const COUNT = /^([1-9]\d{0,8}) </;
