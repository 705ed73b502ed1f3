import type { Logger } from "../log/log.ts";
import { rateLimited } from "../log/rate-limited.ts";
import type { Clock } from "../schedule/clock.ts";

/** Seconds in which the same error is logged once, and how many different ones are. */
const QUIET_SECONDS = 3600;
const DIFFERENT = 20;

/**
 * What becomes of an error that nobody caught, as of a timer or a forgotten promise in a module of one's own: a line of the
 * log with its stack. `report` takes whatever was thrown and never throws.
 */
export function reportUncaught(log: Logger, clock: Clock): (thrown: unknown) => void {
  const limited = rateLimited(log, clock, QUIET_SECONDS, DIFFERENT);
  return (thrown) => {
    const err = plainError(thrown);
    limited.error(
      err.message.slice(0, 200).replace(/\d+/g, "#"),
      { err },
      "an error that nobody caught, of a module of your own or of Chouette, which goes on",
    );
  };
}

/** Only message and stack: what else hangs on an error may be large, in a circle, or throw when it is read. */
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
  return typeof thrown === "object" && thrown !== null ? "something that is no Error" : String(thrown);
}

/** The stack of the error made here would lead nowhere. */
function withoutStack(message: string): Error {
  const plain = new Error(message);
  plain.stack = message;
  return plain;
}
