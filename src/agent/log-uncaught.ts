import type { Logger } from "../log/log.ts";
import { rateLimited } from "../log/rate-limited.ts";
import type { Clock } from "../schedule/clock.ts";

/** Seconds within which the same error is logged once, and the number of different errors that are told apart. */
const QUIET_SECONDS = 3600;
const DIFFERENT = 20;

/**
 * Logs uncaught errors with their stack, such as those of a timer or a forgotten promise in a custom module. The function it
 * returns takes anything that was thrown and never throws.
 */
export function reportUncaught(log: Logger, clock: Clock): (thrown: unknown) => void {
  const limited = rateLimited(log, clock, QUIET_SECONDS, DIFFERENT);
  return (thrown) => {
    const err = plainError(thrown);
    limited.error(
      err.message.slice(0, 200).replace(/\d+/g, "#"),
      { err },
      "uncaught error in a custom module or in Chouette; continuing",
    );
  };
}

/** Keeps only message and stack: other properties of an error may be large, circular, or throw when read. */
function plainError(thrown: unknown): Error {
  try {
    if (!(thrown instanceof Error)) return withoutStack(textOf(thrown));
    const plain = new Error(String(thrown.message));
    plain.stack = String(thrown.stack);
    return plain;
  } catch {
    return withoutStack(textOf({}));
  }
}

function textOf(thrown: unknown): string {
  return typeof thrown === "object" && thrown !== null ? "a value that is not an Error" : String(thrown);
}

/** Drops the stack, which would only lead to this file. */
function withoutStack(message: string): Error {
  const plain = new Error(message);
  plain.stack = message;
  return plain;
}
