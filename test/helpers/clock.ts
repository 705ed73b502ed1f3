import type { Clock } from "../../src/schedule/clock.ts";

/**
 * A clock for tests: nobody waits for real. Once nothing else is left to do, time goes to the end of the earliest sleep.
 * `set` turns the wall clock, as NTP or a person does. For work in memory only: it does not see that a network answers.
 */
export type TestClock = Clock & {
  set(now: number): void;
  /** Lets time pass as if work took that long. */
  pass(seconds: number): void;
  /** Seconds of each sleep so far. */
  slept: number[];
};

export function testClock(start: number): TestClock {
  let now = start;
  let monotonic = 1000;
  const slept: number[] = [];
  const sleeping = new Set<Sleeper>();
  const pass = (seconds: number) => {
    now += seconds;
    monotonic += seconds;
  };
  const wakeEarliest = () => {
    const [earliest] = [...sleeping].sort((a, b) => a.until - b.until);
    if (earliest === undefined) return;
    pass(Math.max(0, earliest.until - monotonic));
    earliest.wake();
  };
  return {
    slept,
    now: () => now,
    monotonic: () => monotonic,
    set: (time) => {
      now = time;
    },
    pass,
    sleep: (seconds, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve();
        slept.push(seconds);
        lieDown(sleeping, monotonic + seconds, signal, resolve);
        setImmediate(() => setImmediate(wakeEarliest));
      }),
  };
}

/** A clock whose sleeps end only when time is moved by hand: for what must be seen while it waits. */
export type ManualClock = Clock & {
  advance(seconds: number): void;
  set(now: number): void;
  sleepers(): number;
};

export function manualClock(start: number): ManualClock {
  let now = start;
  let monotonic = 1000;
  const sleeping = new Set<Sleeper>();
  return {
    now: () => now,
    monotonic: () => monotonic,
    set: (time) => {
      now = time;
    },
    sleepers: () => sleeping.size,
    advance: (seconds) => {
      now += seconds;
      monotonic += seconds;
      for (const sleeper of sleeping) if (sleeper.until <= monotonic) sleeper.wake();
    },
    sleep: (seconds, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve();
        lieDown(sleeping, monotonic + seconds, signal, resolve);
      }),
  };
}

type Sleeper = { until: number; wake: () => void };

/** Adds a sleeper that is woken by its `wake` or by the signal, once. */
function lieDown(sleeping: Set<Sleeper>, until: number, signal: AbortSignal, resolve: () => void): void {
  const wake = () => {
    sleeping.delete(sleeper);
    signal.removeEventListener("abort", wake);
    resolve();
  };
  const sleeper: Sleeper = { until, wake };
  sleeping.add(sleeper);
  signal.addEventListener("abort", wake, { once: true });
}
