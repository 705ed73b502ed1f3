import { expect, test } from "bun:test";
import fc from "fast-check";
import { captureSeconds } from "../../src/jobs/capture-second.ts";
import { memoryStorage } from "../helpers/memory-storage.ts";

async function secondsOf(ticks: readonly number[]): Promise<number[]> {
  const storage = memoryStorage();
  const seconds: number[] = [];
  let captures = captureSeconds(storage, 30);
  for (const at of ticks) {
    // NaN: the agent restarts.
    if (Number.isNaN(at)) captures = captureSeconds(storage, 30);
    else {
      seconds.push(await captures.next(at));
      await storage.commit({ notes: captures.notes() });
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

/** The seconds of captures on an embedded storage; "power cut": only what was to survive one is there, and NaN: a restart. */
async function secondsOverPowerCuts(ticks: readonly (number | "power cut")[]): Promise<number[]> {
  const card = memoryStorage();
  let ram: Record<string, string> = {};
  const storage = { note: async (name: string) => ram[name] ?? card.note(name) };
  const seconds: number[] = [];
  let captures = captureSeconds(storage, 30);
  for (const at of ticks) {
    if (at === "power cut") ram = {};
    if (at === "power cut" || Number.isNaN(at)) captures = captureSeconds(storage, 30);
    else {
      seconds.push(await captures.next(at));
      ram = { ...ram, ...captures.notes() };
      const { captured: _, ...lasting } = ram;
      if (captures.isNew()) await card.commit({ notes: lasting });
      if (captures.isNew()) captures.lasts();
    }
  }
  return seconds;
}

test("a power cut and a clock that goes back by an hour give no second twice", async () => {
  const ticks = [7200, 7230, 7260, "power cut", 7200, 7230, 7260, "power cut", 7230] as const;
  expect(await secondsOverPowerCuts(ticks)).toEqual([7200, 7230, 7260, 7201, 7231, 7261, 7232]);
});

test("a restart continues where the run before it ended", async () => {
  const ticks = [7200, Number.NaN, 7200, 7230, Number.NaN, 7260];
  expect(await secondsOverPowerCuts(ticks)).toEqual([7200, 7201, 7230, 7260]);
});

test("no two captures get one second, whatever steps, restarts and power cuts there are", async () => {
  const tick = fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 300, max: 400 }).map((n) => n * 30) },
    { weight: 2, arbitrary: fc.integer({ min: 9000, max: 12_000 }) },
    fc.constantFrom(Number.NaN, "power cut" as const),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(tick, { maxLength: 60 }), async (ticks) => {
      const seconds = await secondsOverPowerCuts(ticks);
      expect(new Set(seconds).size).toBe(seconds.length);
    }),
    { numRuns: 500 },
  );
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
