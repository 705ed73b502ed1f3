import { expect, test } from "bun:test";
import fc from "fast-check";
import { captureSeconds } from "../../src/jobs/capture-second.ts";
import { memoryStorage } from "../helpers/memory-storage.ts";

async function secondsOf(ticks: readonly number[]): Promise<number[]> {
  const storage = memoryStorage();
  const seconds: number[] = [];
  let captures = captureSeconds(storage);
  for (const at of ticks) {
    // NaN: the agent restarts.
    if (Number.isNaN(at)) captures = captureSeconds(storage);
    else {
      seconds.push(await captures.next(at));
      await storage.commit({ notes: captures.note() });
    }
  }
  return seconds;
}

test("captures keep their seconds while the clock goes forward", async () => {
  expect(await secondsOf([1000, 1030, 1060, 5000])).toEqual([1000, 1030, 1060, 5000]);
});

test("a clock set back by 10 s gives no second twice, before and after a restart", async () => {
  expect(await secondsOf([1000, 1030, 1030, Number.NaN, 1020, 1060])).toEqual([1000, 1030, 1031, 1032, 1060]);
});

test("a clock set back by an hour is followed, beside the seconds that were captured", async () => {
  expect(await secondsOf([7200, 7230, 3600, 3630, 7200])).toEqual([7200, 7230, 3600, 3630, 7201]);
});

test("no two captures get one second, whatever small steps and restarts there are", async () => {
  const tick = fc.oneof(fc.integer({ min: 10_000, max: 10_500 }), fc.constant(Number.NaN));
  await fc.assert(
    fc.asyncProperty(fc.array(tick, { maxLength: 60 }), async (ticks) => {
      const seconds = await secondsOf(ticks);
      expect(new Set(seconds).size).toBe(seconds.length);
    }),
  );
});
