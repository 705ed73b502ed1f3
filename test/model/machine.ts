import type { Clock } from "../../src/schedule/clock.ts";
import type { ClockFacts } from "../../src/schedule/device-clock.ts";

/** The right time when a world begins, and when this version was built. */
const NOON = 1_780_000_020;
export const BUILT = NOON - 86_400 * 30;

/** No clock of Linux shows a time before 1970. */
const EARLIEST = 1000;

/** Seconds that the machine is down. */
const BOOT = 15;

/** A machine with a clock that may be wrong, and boots. */
export type Machine = Clock & {
  /** The right time, Unix seconds. */
  time(): number;
  facts(): ClockFacts;
  /** Lets time pass. */
  pass(seconds: number): void;
  /** Sets its clock to a time. */
  set(now: number): void;
  /** The time service sets the clock right. */
  synchronize(): void;
  /** Begins another boot, whose clock shows that time. */
  boot(shows: number): void;
};

export function createMachine(): Machine {
  const begin = 1000;
  let monotonic = begin;
  let wrong = 0;
  let boots = 1;
  let bootedAt = 0;
  let isSynchronized = true;
  const time = () => NOON + monotonic - begin;
  return {
    time,
    now: () => time() + wrong,
    monotonic: () => monotonic,
    // Nothing waits for time here but what is to be given up.
    sleep: async (seconds, signal) => {
      if (seconds > 0)
        await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    },
    facts: () => ({
      synchronized: () => isSynchronized,
      boot: { id: `boot-${boots}`, up: -bootedAt },
      builtAt: BUILT,
    }),
    pass: (seconds) => {
      monotonic += seconds;
    },
    set: (now) => {
      wrong = Math.max(now, EARLIEST) - time();
    },
    synchronize: () => {
      isSynchronized = true;
      wrong = 0;
    },
    boot: (shows) => {
      boots++;
      monotonic += BOOT;
      bootedAt = monotonic;
      isSynchronized = false;
      wrong = Math.max(shows, EARLIEST) - time();
    },
  };
}
