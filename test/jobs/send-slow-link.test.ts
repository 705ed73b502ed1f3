import { describe, expect, test } from "bun:test";
import type { Intake } from "../../src/datadog/delivery.ts";
import { testClock } from "../helpers/clock.ts";
import { accepted, memoryIntake } from "../helpers/memory-intake.ts";
import { memoryStorage } from "../helpers/memory-storage.ts";
import { NOW, setUp, WRAPPED } from "./send-rig.ts";

/** Seconds after which a request is given up, as in an agent that releases every minute. */
const REQUEST = 36;

/** An intake behind a link of so many bytes per second. It takes what it is sent, also when the answer comes too late. */
function slowLink(bytesPerSecond: () => number) {
  const clock = testClock(NOW);
  const storage = memoryStorage(clock.now);
  const never = new AbortController().signal;
  const sizes: number[] = [];
  const seconds: number[] = [];
  const intake = memoryIntake(async ({ body, wireBytes, signal }) => {
    const needed = wireBytes / bytesPerSecond();
    sizes.push(body.series.length);
    seconds.push(needed);
    await clock.sleep(Math.min(needed, REQUEST), never);
    if (signal.aborted) return { outcome: "retry", status: 0, error: "cut off" };
    return needed > REQUEST ? { outcome: "retry", status: 0, error: "no answer" } : accepted;
  });
  const rig = setUp(intake, { clock, storage });
  const release = async () => {
    const report = await rig.release({ letFinish: true });
    clock.pass(Math.max(0, 60 - (clock.now() % 60)));
    return report;
  };
  return { ...rig, release, sizes, seconds, sent: () => sizes.reduce((sum, size) => sum + size, 0) };
}

describe("over a slow link", () => {
  test.each([500, 1000, 4000])(
    "a request takes as long as it should, and nothing is sent twice (%i bytes per second)",
    async (rate) => {
      const { storage, release, queue, seconds, sent } = slowLink(() => rate);
      await queue(20_000);
      let delivered = 0;
      for (let n = 0; n < 10; n++) delivered += (await release()).delivered;
      expect(delivered).toBeGreaterThan(rate === 500 ? 3000 : 6000);
      expect((await storage.size(WRAPPED)).count).toBe(20_000 - delivered);
      expect(sent()).toBe(delivered);
      expect(Math.max(...seconds)).toBeLessThan(30);
    },
  );

  test("that becomes ten times slower resends less than 5 %", async () => {
    let rate = 20_000;
    const { release, queue, sent } = slowLink(() => rate);
    await queue(60_000);
    let delivered = 0;
    for (let n = 0; n < 20; n++) {
      if (n === 1) rate = 2000;
      delivered += (await release()).delivered;
    }
    expect(delivered).toBeGreaterThan(20_000);
    expect((sent() - delivered) / delivered).toBeLessThan(0.05);
  });
});

test("over a fast link the requests grow to a bulk", async () => {
  const { release, queue, sizes } = slowLink(() => 10_000_000);
  await queue(30_000);
  await release();
  expect(sizes).toEqual([1000, 4000, 10_000, 10_000, 5000]);
});

test("a request under way at the end of a release finishes, and none is started after it", async () => {
  const { clock, release, queue, sent, seconds } = slowLink(() => 250);
  await queue(3000);
  const { delivered } = await release();
  const lasted = seconds.reduce((sum, each) => sum + each, 0);
  expect(delivered).toBe(sent());
  expect(lasted).toBeGreaterThan(48);
  expect(lasted - (seconds.at(-1) ?? 0)).toBeLessThan(48);
  expect(clock.now() - NOW).toBeGreaterThan(48);
});

test("a request that takes minutes keeps the lease of its queue, and is heard of, while it makes progress", async () => {
  const clock = testClock(NOW);
  const storage = memoryStorage(clock.now);
  const others: (string | undefined)[] = [];
  const intake = memoryIntake();
  const post: Intake["post"] = async (track, payload, signal, progress) => {
    for (let n = 0; n < 20; n++) {
      clock.pass(10);
      progress?.();
      others.push(await storage.acquire({ name: WRAPPED, owner: "other" }, 90));
    }
    return intake.post(track, payload, signal);
  };
  const { release, queue } = setUp({ ...intake, post }, { clock, storage });
  await queue(5);
  let heard = 0;
  expect(await release({ letFinish: true, progress: () => heard++ })).toMatchObject({
    delivered: 5,
    remaining: 0,
  });
  expect(new Set(others)).toEqual(new Set(["test"]));
  expect(heard).toBe(21);
});
