import { describe, expect, test } from "bun:test";
import { createBacklogPace } from "../../src/jobs/backlog-pace.ts";
import { createSend } from "../../src/jobs/send.ts";
import { logsTrack, metricsTrack } from "../../src/jobs/track.ts";
import { testClock } from "../helpers/clock.ts";
import { memoryIntake } from "../helpers/memory-intake.ts";
import { memoryStorage } from "../helpers/memory-storage.ts";
import { answering, NOW, sender, setUp, unheard } from "./send-rig.ts";

const OPTIONS = { seconds: 48, letFinish: false, attempts: 3, patience: 0, longestPause: 30 };
const never = new AbortController().signal;

/** Ages in seconds of the points of each request, in the order of sending. */
function ages(bodies: ReturnType<typeof answering>["bodies"]): number[][] {
  return bodies.map(({ series }) => [
    ...new Set(series.flatMap(({ points }) => points.map(([at]) => NOW - at))),
  ]);
}

describe("after an outage", () => {
  test("live points go first and by themselves, then the backlog, the newest first", async () => {
    const { intake, bodies } = answering();
    const { release, queue } = setUp(intake, { bulk: 4 });
    for (const age of [7200, 3700, 600, 121, 119, 30]) await queue(2, NOW - age, `${age}-`);
    expect(await release()).toMatchObject({ delivered: 12, remaining: 0 });
    expect(ages(bodies)).toEqual([
      [119, 30],
      [600, 121],
      [7200, 3700],
    ]);
  });

  test("what is live goes first again after a failure", async () => {
    const { intake, bodies } = answering(unheard, unheard);
    const { release, queue } = setUp(intake);
    await queue(1, NOW - 600, "old-");
    await queue(1, NOW - 60, "new-");
    await release();
    expect(ages(bodies)).toEqual([[60], [60], [60], [600]]);
  });

  test("live logs go first, and a request has its logs in the order of time", async () => {
    const clock = testClock(NOW);
    const storage = memoryStorage(clock.now);
    const intake = memoryIntake();
    const log = (age: number) => ({
      key: `k${age}`,
      at: NOW - age,
      body: JSON.stringify({ date: "2020-06-07T15:07:50.997857+00:00", message: `${age}` }),
    });
    await storage.commit({
      add: [{ queue: "chouette:logs:wrapped", records: [9000, 300, 100, 20].map(log) }],
    });
    const deps = { storage, intake, clock, owner: "test", random: () => 0, releaseInterval: 60 };
    const send = createSend(
      { ...deps, selfMetrics: undefined },
      logsTrack(sender, { version: 2, ttl: 64_800 }),
    );
    await send(OPTIONS, never);
    expect(intake.bodies.map((logs) => logs.map(({ message }) => message))).toEqual([
      ["100", "20"],
      ["9000", "300"],
    ]);
  });
});

describe("a backlog with a limit in bytes per second", () => {
  const setUpPaced = (bytesPerSecond: number) => {
    const answers = answering();
    const rig = setUp(answers.intake, {
      bulk: 10,
      backlogPace: createBacklogPace(bytesPerSecond, () => 0.5),
    });
    return { ...answers, ...rig };
  };

  test("keeps to it over several releases, and rests in between without looking", async () => {
    const { clock, queue, release } = setUpPaced(20);
    await queue(400, NOW - 1000);
    let bytes = 0;
    for (let n = 0; n < 5; n++) {
      bytes += (await release()).bytes;
      clock.pass(NOW + 60 * (n + 1) - clock.now());
    }
    expect(bytes).toBeGreaterThan(20 * 200);
    expect(bytes).toBeLessThan(20 * 300 + 500);
    // Some 20 requests, each with one rest of 30 s at most.
    expect(clock.slept.filter((seconds) => seconds < 48).length).toBeLessThan(40);
  });

  test("does not slow down what is live", async () => {
    const { clock, queue, release } = setUpPaced(1);
    await queue(100, NOW - 30);
    await queue(10, NOW - 600, "old-");
    expect(await release()).toMatchObject({ delivered: 110, remaining: 0 });
    expect(clock.now()).toBe(NOW);
    await queue(10, NOW - 30, "new-");
    await queue(10, NOW - 600, "older-");
    expect(await release()).toMatchObject({ delivered: 10, remaining: 10 });
  });
});

describe("points that the intake would throw away", () => {
  const release = async (taken: number | undefined, trusted = true) => {
    const { intake, bodies } = answering();
    const { clock, storage, queue } = setUp(intake);
    for (const age of [15_000, 14_000, 3601, 3599, 30]) await queue(1, NOW - age, `${age}-`);
    const deps = { storage, intake, clock, owner: "test", random: () => 0, releaseInterval: 60 };
    const trust = { agreed: () => trusted } as never;
    const track = metricsTrack(sender, { version: 1, ttl: 14_400, taken, bulk: 10_000 });
    const report = await createSend({ ...deps, trust, selfMetrics: undefined }, track)(OPTIONS, never);
    return { report, ages: ages(bodies) };
  };

  test("are dropped and counted as such, those beyond the time to live as expired", async () => {
    const { report, ages } = await release(3600);
    expect(report).toMatchObject({ delivered: 2, expired: 1, tooOld: 2, remaining: 0 });
    expect(ages).toEqual([[30], [3599]]);
  });

  test("are sent to an intake that takes them", async () => {
    const { report, ages } = await release(undefined);
    expect(report).toMatchObject({ delivered: 4, expired: 1, tooOld: 0, remaining: 0 });
    expect(ages).toEqual([[30], [14_000, 3601, 3599]]);
  });

  test("stay while the clock has just stepped", async () => {
    const { report } = await release(3600, false);
    expect(report).toMatchObject({ expired: 0, tooOld: 0 });
  });
});

test("a release continues with what waits elsewhere, live or old, once the queue is empty", async () => {
  const { intake, points } = answering();
  const waiting = [NOW - 3600, NOW - 10, NOW - 7200];
  const { release, queue } = setUp(intake, {
    refill: async () => {
      const at = waiting.shift();
      if (at === undefined) return false;
      await queue(2, at, `w${at}`);
      return true;
    },
  });
  await queue(1);
  expect(await release()).toMatchObject({ delivered: 7, remaining: 0 });
  expect(points()).toEqual([1, 2, 2, 2]);
});
