import { describe, expect, test } from "bun:test";
import { createDeviceClock } from "../../src/schedule/device-clock.ts";
import { manualClock } from "../helpers/clock.ts";

const NOON = 1_780_000_000;
const DAY = 86_400;

/** A device whose clock shows `start`; `builtAt` is a year before noon. */
function device(start: number, { synchronized = false, patience = 600 } = {}) {
  const machine = manualClock(start);
  const facts = { synchronized, up: 0 };
  const clock = createDeviceClock(
    machine,
    {
      synchronized: () => facts.synchronized,
      boot: { id: "b1", up: -machine.monotonic() },
      builtAt: NOON - 365 * DAY,
    },
    patience,
  );
  return { machine, clock, facts };
}

describe("a step of the clock", () => {
  test("of 8 s to tomorrow and back is not believed", () => {
    const { machine, clock } = device(NOON, { synchronized: true });
    machine.advance(100);
    machine.set(NOON + DAY);
    const during = [0, 4, 4].map((seconds) => {
      machine.advance(seconds);
      return [clock.now(), clock.trust.agreed()];
    });
    machine.set(NOON + 108);
    expect(during).toEqual([
      [NOON + 100, false],
      [NOON + 104, false],
      [NOON + 108, false],
    ]);
    expect(clock.now()).toBe(NOON + 108);
  });

  test("is believed after a minute, and waits to be confirmed again", () => {
    const { machine, clock } = device(NOON);
    clock.heard({ type: "answered", date: NOON });
    machine.set(NOON + DAY);
    expect([clock.now(), clock.trust.confirmed()]).toEqual([NOON, true]);
    machine.advance(60);
    expect([clock.now(), clock.trust.confirmed()]).toEqual([NOON + DAY + 60, false]);
  });

  test("of less than a second is followed at once", () => {
    const { machine, clock } = device(NOON);
    machine.set(NOON - 0.5);
    expect(clock.now()).toBe(NOON - 0.5);
  });
});

test("nothing expires in the first minute of an agent", () => {
  const { machine, clock } = device(NOON, { synchronized: true });
  machine.advance(59);
  expect(clock.trust.agreed()).toBe(false);
  machine.advance(1);
  expect(clock.trust.agreed()).toBe(true);
});

describe("captures wait for the clock", () => {
  test("until a time service says that it is synchronized, which moves it at once", () => {
    const { machine, clock, facts } = device(0);
    expect(clock.trust.held()).toBe(true);
    machine.advance(100);
    const up = clock.trust.up();
    machine.set(NOON);
    facts.synchronized = true;
    expect([clock.trust.confirmed(), clock.trust.held(), clock.now()]).toEqual([true, false, NOON]);
    expect(clock.trust.timeAt(up - 100)).toBe(NOON - 100);
  });

  test("until an answer has the same date", () => {
    const { clock } = device(NOON);
    clock.heard({ type: "answered", date: NOON - 2 });
    expect([clock.trust.confirmed(), clock.trust.held()]).toEqual([true, false]);
  });

  test("for ten minutes when answers have another date", () => {
    const { machine, clock } = device(NOON);
    clock.heard({ type: "answered", date: NOON + DAY });
    machine.advance(599);
    expect([clock.trust.confirmed(), clock.trust.held()]).toEqual([false, true]);
    machine.advance(1);
    expect([clock.trust.confirmed(), clock.trust.held()]).toEqual([false, false]);
  });

  test("not longer when an answer has no date", () => {
    const { clock } = device(NOON);
    clock.heard({ type: "answered", date: undefined });
    expect([clock.trust.confirmed(), clock.trust.held()]).toEqual([false, false]);
  });

  test("when it is before the build, even though a time service calls it synchronized", () => {
    const { clock } = device(1000, { synchronized: true });
    expect([clock.trust.confirmed(), clock.trust.held()]).toEqual([false, true]);
  });

  test("when the intake's certificate is from the future, even though the clock was confirmed", () => {
    const { clock } = device(NOON);
    clock.heard({ type: "answered", date: NOON });
    clock.heard({ type: "not yet valid" });
    expect([clock.trust.confirmed(), clock.trust.held()]).toEqual([false, true]);
  });
});
