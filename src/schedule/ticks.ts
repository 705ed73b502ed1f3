import type { Clock } from "./clock.ts";

/** Returns the first multiple of `every` seconds of Unix time, `offset` seconds later, that is not before `now`. */
export function nextTick(now: number, every: number, offset = 0): number {
  return Math.ceil((now - offset) / every) * every + offset;
}

/**
 * Endless ticks at the multiples of `every` seconds of Unix time, `offset` seconds later, until the signal aborts. A tick that is late is yielded
 * once, as the latest multiple that has passed; those missed before it are skipped, so a slow job, a suspended machine or a
 * clock set forward by years gives one tick and no burst. A clock set back gives the next tick within `every` seconds.
 */
export async function* aligned(
  every: number,
  clock: Clock,
  signal: AbortSignal,
  offset = 0,
): AsyncGenerator<number> {
  const before = (time: number) => Math.floor((time - offset) / every) * every + offset;
  let next = before(clock.now()) + every;
  while (!signal.aborted) {
    const now = clock.now();
    if (next - now > every) next = nextTick(now, every, offset);
    if (now < next) {
      // At least a millisecond: a difference of floats may be too small to pass.
      await clock.sleep(Math.max(next - now, 0.001), signal);
      continue;
    }
    const at = before(now);
    yield at;
    next = Math.max(at + every, nextTick(clock.now(), every, offset));
  }
}

/** Ticks once, now: makes a job of `run` a job of `flush`. */
export async function* once(clock: Clock): AsyncGenerator<number> {
  yield clock.now();
}
