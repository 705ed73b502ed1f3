import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { aligned, once } from "../../src/schedule/ticks.ts";
import { testClock } from "../helpers/clock.ts";

const YEAR = 365 * 86_400;

/** The first ticks; `work(n)` is done at the n-th. */
async function ticks(
  every: number,
  clock: ReturnType<typeof testClock>,
  count: number,
  work: (n: number) => void,
  offset?: number,
) {
  const stop = new AbortController();
  const seen: number[] = [];
  for await (const at of aligned(every, clock, stop.signal, offset)) {
    seen.push(at);
    work(seen.length);
    if (seen.length === count) stop.abort();
  }
  return seen;
}

describe("aligned", () => {
  test("ticks at the multiples of the interval", async () => {
    const clock = testClock(103.4);
    expect(await ticks(10, clock, 3, () => {})).toEqual([110, 120, 130]);
  });

  test("ticks so many seconds after the multiples, also after a slow job and a clock that is set back", async () => {
    const clock = testClock(103.4);
    const work = (n: number) => {
      if (n === 2) clock.pass(25);
      if (n === 3) clock.set(90);
    };
    expect(await ticks(10, clock, 5, work, 3.5)).toEqual([103.5, 113.5, 143.5, 93.5, 103.5]);
  });

  test("does not tick at the second in which it starts", async () => {
    expect(await ticks(10, testClock(110), 2, () => {})).toEqual([120, 130]);
  });

  test("skips the ticks that a slow job missed", async () => {
    const clock = testClock(101);
    expect(await ticks(10, clock, 4, (n) => n === 2 && clock.pass(25))).toEqual([110, 120, 150, 160]);
  });

  test("does not lose a tick in the second in which a job ends", async () => {
    const clock = testClock(101);
    expect(await ticks(10, clock, 3, (n) => n === 1 && clock.pass(20))).toEqual([110, 130, 140]);
  });

  test("ticks once, not in a burst, when the clock is set forward by years", async () => {
    const clock = testClock(101);
    const seen = await ticks(10, clock, 3, (n) => n === 1 && clock.set(101 + 10 * YEAR));
    expect(seen).toEqual([110, 10 * YEAR + 110, 10 * YEAR + 120]);
  });

  test("ticks within an interval when the clock is set back by years", async () => {
    const clock = testClock(10 * YEAR + 1);
    const before = clock.monotonic();
    expect(await ticks(10, clock, 3, (n) => n === 1 && clock.set(104))).toEqual([10 * YEAR + 10, 110, 120]);
    expect(clock.monotonic() - before).toBe(9 + 6 + 10);
  });

  test("never ticks before its time, twice for one time, or off the grid, whatever the clock does", async () => {
    const step = fc.record({
      work: fc.double({ min: 0, max: 100, noNaN: true }),
      jump: fc.integer({ min: -YEAR, max: YEAR }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 60 }),
        fc.array(step, { minLength: 2, maxLength: 20 }),
        async (every, steps) => {
          const clock = testClock(50 * YEAR);
          let previous = { monotonic: Number.NEGATIVE_INFINITY, at: 0 };
          await ticks(every, clock, steps.length, (n) => {
            const { work, jump } = steps[n - 1] ?? { work: 0, jump: 0 };
            const at = Math.floor(clock.now() / every) * every;
            expect(at % every).toBe(0);
            if (clock.monotonic() - previous.monotonic === 0) expect(at).not.toBe(previous.at);
            previous = { monotonic: clock.monotonic(), at };
            clock.pass(work);
            if (jump % 3 === 0) clock.set(clock.now() + jump);
          });
          const longest = Math.max(...clock.slept);
          expect(longest).toBeLessThanOrEqual(every + 1e-6);
        },
      ),
    );
  });

  test("ends at the signal, also during a wait", async () => {
    const stop = new AbortController();
    const clock = testClock(101);
    const iterator = aligned(10, { ...clock, sleep: async () => stop.abort() }, stop.signal);
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });
});

test("once ticks once, now", async () => {
  const seen: number[] = [];
  for await (const at of once(testClock(103.4))) seen.push(at);
  expect(seen).toEqual([103.4]);
});
