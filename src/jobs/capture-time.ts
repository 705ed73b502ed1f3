import type { Clock } from "../schedule/clock.ts";
import { aborted, deadline } from "../schedule/deadline.ts";

/** Seconds that a plugin has after its signal to hand over what it has. */
export const GRACE = 1;

export type CaptureTime = {
  /** Aborts when the time of the capture is up. */
  signal: AbortSignal;
  /** Resolves a second later. */
  over: Promise<void>;
  /** Ends the timers. */
  clear(): void;
};

/**
 * Starts the time of one capture. A timer that is late itself had to wait for a plugin that held the processor; the others, which
 * had to wait too, get another second.
 */
export function startCaptureTime(seconds: number, clock: Clock, stop: AbortSignal): CaptureTime {
  const begin = clock.monotonic();
  const limit = deadline(clock, seconds, stop);
  const up = new AbortController();
  const cleared = new AbortController();
  const watch = async () => {
    await aborted(limit.signal);
    if (clock.monotonic() - begin > seconds + GRACE) await clock.sleep(GRACE, cleared.signal);
    up.abort(limit.signal.reason);
    await clock.sleep(GRACE, cleared.signal);
  };
  return {
    signal: up.signal,
    over: watch(),
    clear: () => {
      limit.clear();
      cleared.abort();
    },
  };
}
