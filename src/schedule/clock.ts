import { setTimeout as delay } from "node:timers/promises";

export type Clock = {
  /** Wall clock, Unix seconds with a fraction. May jump by years in either direction. */
  now(): number;
  /** Seconds since some fixed moment; never jumps, so durations and deadlines are taken from it. */
  monotonic(): number;
  /** Resolves after that many seconds of monotonic time, or at once when the signal aborts. Never rejects. */
  sleep(seconds: number, signal: AbortSignal): Promise<void>;
};

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => Date.now() / 1000,
  monotonic: () => performance.now() / 1000,
  sleep: async (seconds, signal) => {
    // A timer takes at most 2^31-1 ms; longer sleeps end early and their callers look at the clock again.
    await delay(Math.min(Math.max(0, seconds * 1000), 2 ** 31 - 1), undefined, { signal }).catch(() => {});
  },
};
