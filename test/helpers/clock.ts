import type { Clock } from "../../src/schedule/clock.ts";

/** A clock for tests: nothing waits. Sleeping passes the time at once; `set` turns the wall clock, as NTP or a person does. */
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
  const pass = (seconds: number) => {
    now += seconds;
    monotonic += seconds;
  };
  return {
    slept,
    now: () => now,
    monotonic: () => monotonic,
    set: (time) => {
      now = time;
    },
    pass,
    sleep: async (seconds, signal) => {
      if (signal.aborted) return;
      slept.push(seconds);
      pass(seconds);
    },
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
  const sleeping = new Set<{ until: number; wake: () => void }>();
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
        const sleeper = {
          until: monotonic + seconds,
          wake: () => {
            sleeping.delete(sleeper);
            signal.removeEventListener("abort", sleeper.wake);
            resolve();
          },
        };
        sleeping.add(sleeper);
        signal.addEventListener("abort", sleeper.wake, { once: true });
      }),
  };
}
