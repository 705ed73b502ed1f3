import type { Clock } from "./clock.ts";

/**
 * Endless ticks at the multiples of `every` seconds of Unix time, until the signal aborts. A tick that is late is yielded
 * once, as the latest multiple that has passed; those missed before it are skipped, so a slow job, a suspended machine or a
 * clock set forward by years gives one tick and no burst. A clock set back gives the next tick within `every` seconds.
 */
export async function* aligned(every: number, clock: Clock, signal: AbortSignal): AsyncGenerator<number> {
  let next = (Math.floor(clock.now() / every) + 1) * every;
  while (!signal.aborted) {
    const now = clock.now();
    if (next - now > every) next = Math.ceil(now / every) * every;
    if (now < next) {
      // At least a millisecond: a difference of floats may be too small to pass.
      await clock.sleep(Math.max(next - now, 0.001), signal);
      continue;
    }
    const at = Math.floor(now / every) * every;
    yield at;
    next = Math.max(at + every, Math.ceil(clock.now() / every) * every);
  }
}

/** One tick, now: what makes a job of `run` a job of `flush`. */
export async function* once(clock: Clock): AsyncGenerator<number> {
  yield clock.now();
}
