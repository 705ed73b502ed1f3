import type { Clock } from "./clock.ts";
import {
  afterClockEvent,
  type ClockEvent,
  type ClockReading,
  firstState,
  hasAgreed,
  isHeld,
  PATIENCE,
} from "./clock-state.ts";

/** What a machine knows about its clock. */
export type ClockFacts = {
  /** Whether the kernel or a time service says that the clock is synchronized. */
  synchronized(): boolean;
  /** The id of this boot of the machine, and the seconds since then, at the monotonic time 0 of this process. */
  boot: { id: string; up: number };
  /** Unix seconds of this version; 0 when it is not known. */
  builtAt: number;
};

/** What jobs ask about the clock. */
export type ClockTrust = {
  /** Whether a time service or the intake confirmed the clock. */
  confirmed(): boolean;
  /** Whether what Chouette stamps has to wait before it is sent. */
  held(): boolean;
  /** Whether clock and monotonic time have agreed for a minute, and nothing waits for the clock: only then something may expire. */
  agreed(): boolean;
  /** The id of this boot of the machine, and the seconds since then. */
  boot: string;
  up(): number;
  /** Unix seconds of a moment of this boot, as the clock is believed now. */
  timeAt(up: number): number;
  /** Unix seconds before which no right clock is. */
  builtAt: number;
};

export type DeviceClock = Clock & {
  trust: ClockTrust;
  /** Hears of the intake: the date of an answer (Unix seconds), or that its certificate is from the future. */
  heard(event: Exclude<ClockEvent, { type: "reading" | "synchronized" }>): void;
};

/**
 * A clock that continues by monotonic time and believes a step of the machine's clock only when it has lasted a minute, or when
 * the clock is confirmed.
 */
export function createDeviceClock(machine: Clock, facts: ClockFacts, patience = PATIENCE): DeviceClock {
  const reading = (): ClockReading => ({
    wall: machine.now(),
    monotonic: machine.monotonic(),
    builtAt: facts.builtAt,
  });
  let state = firstState(reading());
  const happened = (event: ClockEvent) => {
    state = afterClockEvent(state, event, reading());
  };
  const look = () => {
    happened(!state.confirmed && facts.synchronized() ? { type: "synchronized" } : { type: "reading" });
    return state;
  };
  look();
  return {
    now: () => {
      happened({ type: "reading" });
      return state.offset + machine.monotonic();
    },
    monotonic: machine.monotonic,
    sleep: machine.sleep,
    heard: happened,
    trust: {
      confirmed: () => look().confirmed,
      held: () => isHeld(look(), machine.monotonic(), patience),
      agreed: () => {
        const monotonic = machine.monotonic();
        return hasAgreed(look(), monotonic) && !isHeld(state, monotonic, patience);
      },
      boot: facts.boot.id,
      up: () => facts.boot.up + machine.monotonic(),
      timeAt: (up) => state.offset + up - facts.boot.up,
      builtAt: facts.builtAt,
    },
  };
}
