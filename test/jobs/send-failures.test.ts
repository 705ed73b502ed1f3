import { expect, test } from "bun:test";
import type { Delivery } from "../../src/datadog/delivery.ts";
import { LeaseLost, StorageError } from "../../src/errors.ts";
import { readLastDelivery } from "../../src/jobs/last-delivery.ts";
import { aborted } from "../../src/schedule/deadline.ts";
import { testClock } from "../helpers/clock.ts";
import { accepted, memoryIntake } from "../helpers/memory-intake.ts";
import { memoryStorage } from "../helpers/memory-storage.ts";
import { answering, forbidden, NOW, setUp, unheard, WRAPPED } from "./send-rig.ts";

test("waits longer after each failure, retries with few records, and continues where it was", async () => {
  const lost: Delivery = { ...unheard, unanswered: true };
  const { intake, points } = answering(lost, lost, lost);
  const { clock, release, queue } = setUp(intake, { bulk: 50 });
  await queue(100);
  expect(await release()).toMatchObject({ delivered: 100, remaining: 0, failure: undefined });
  expect(points()).toEqual([50, 10, 10, 10, 22, 33, 33, 2]);
  expect(clock.now() - NOW).toBe(2 + 4 + 8);
});

test("a retry after a lost answer sends the same", async () => {
  const { intake, bodies } = answering(unheard);
  const { release, queue } = setUp(intake);
  await queue(5);
  await release();
  expect(bodies[1]).toEqual(bodies[0]);
});

test("remembers between deliveries how long to wait", async () => {
  const { intake, bodies } = answering(...Array(20).fill(unheard));
  const { clock, storage, release, queue } = setUp(intake);
  await queue(1);
  expect(await release()).toMatchObject({ delivered: 0, remaining: 1, failure: unheard });
  expect(await readLastDelivery(storage)).toMatchObject({
    outcome: "failed",
    error: "the network is down",
  });
  const after = clock.now();
  expect(bodies).toHaveLength(5);
  expect(await release()).toMatchObject({ failure: unheard });
  expect(clock.now() - after).toBeLessThanOrEqual(48);
});

test("waits as long as the intake requests", async () => {
  const { intake } = answering({ ...unheard, status: 429, retryAfter: 30 });
  const { clock, release, queue } = setUp(intake);
  await queue(1);
  await release();
  expect(clock.now() - NOW).toBe(30);
});

test("leaves the rest to the next delivery rather than wait too long", async () => {
  const asksToWait = { ...unheard, status: 429, retryAfter: 3600 };
  const { intake, bodies } = answering(asksToWait);
  const { clock, release, queue } = setUp(intake);
  await queue(1);
  expect(await release({ seconds: Number.POSITIVE_INFINITY, longestPause: 30 })).toMatchObject({
    remaining: 1,
    failure: asksToWait,
  });
  expect([bodies.length, clock.now() - NOW]).toEqual([1, 0]);
});

test("keeps everything when the key is refused, and tries once per delivery", async () => {
  const { intake, bodies } = answering(forbidden, forbidden);
  const { clock, storage, release, queue } = setUp(intake);
  await queue(100);
  expect(await release()).toMatchObject({ delivered: 0, remaining: 100, failure: forbidden });
  expect(await readLastDelivery(storage)).toEqual({
    at: NOW,
    outcome: "held",
    error: "the API key is not valid",
  });
  clock.pass(60);
  await release();
  expect(bodies.map(({ series }) => series.length)).toEqual([100, 10]);
  clock.pass(60);
  expect(await release()).toMatchObject({ delivered: 100, remaining: 0 });
});

test("keeps its lease while it waits, so that no other process sends the same", async () => {
  const { intake, bodies } = answering({ ...unheard, status: 503, retryAfter: 95 });
  const { storage, release, queue } = setUp(intake);
  await queue(1);
  const done = release({ seconds: 1000 });
  expect(await done).toMatchObject({ delivered: 1, remaining: 0, failure: undefined });
  expect(bodies).toHaveLength(2);
  expect(await storage.acquire({ name: WRAPPED, owner: "other" }, 90)).toBeUndefined();
});

test("sends nothing more once another process has its lease", async () => {
  const clock = testClock(NOW);
  const storage = memoryStorage(clock.now);
  const { intake, bodies } = answering(async () => {
    clock.pass(100);
    await storage.acquire({ name: WRAPPED, owner: "other" }, 90);
    return unheard;
  });
  const { release, queue } = setUp(intake, { clock, storage });
  await queue(1);
  expect(await release().catch((error: unknown) => error)).toBeInstanceOf(LeaseLost);
  expect(bodies).toHaveLength(1);
});

test("an intake that hangs until the delivery ends is recorded, and gets few records the next time", async () => {
  const clock = testClock(NOW);
  const storage = memoryStorage(clock.now);
  const intake = memoryIntake(async ({ signal }) => {
    await aborted(signal);
    return { outcome: "retry", status: 0, error: `${(signal.reason as Error).message}`, unanswered: true };
  });
  const { release, queue } = setUp(intake, { clock, storage });
  await queue(100);
  expect(await release()).toMatchObject({ remaining: 100, failure: { error: "its 48 s were over" } });
  expect(await readLastDelivery(storage)).toMatchObject({ outcome: "failed", error: "its 48 s were over" });
  await release();
  expect(intake.bodies.map(({ series }) => series?.length)).toEqual([100, 10]);
});

test("a flush gives up after a few failures", async () => {
  const { intake, bodies } = answering(...Array(9).fill(unheard));
  const { release, queue } = setUp(intake);
  await queue(1);
  expect(await release({ attempts: 3, seconds: Number.POSITIVE_INFINITY })).toMatchObject({
    failure: unheard,
  });
  expect(bodies).toHaveLength(3);
});

test("a record that cannot be removed after a 2xx is sent again unchanged", async () => {
  const { intake, bodies } = answering();
  const clock = testClock(NOW);
  const storage = memoryStorage(clock.now);
  let broken = true;
  const commit: typeof storage.commit = (change) => {
    if (broken && change.remove) return Promise.reject(new StorageError("the disk is full"));
    return storage.commit(change);
  };
  const { release, queue } = setUp(intake, { clock, storage: { ...storage, commit } });
  await storage.commit({
    add: [
      {
        queue: WRAPPED,
        records: [
          {
            key: "a",
            at: NOW - 9,
            body: JSON.stringify({ metric: "m", tags: [], points: [[NOW - 9, 1]], type: "gauge" }),
          },
        ],
      },
    ],
  });
  await queue(0);
  expect(release()).rejects.toEqual(new StorageError("the disk is full"));
  broken = false;
  expect(await release()).toMatchObject({ delivered: 1, remaining: 0 });
  expect(bodies[1]).toEqual(bodies[0]);
});

test("sends nothing new once it is stopped", async () => {
  const stop = new AbortController();
  const { intake, bodies } = answering(async () => {
    stop.abort();
    return accepted;
  });
  const { release, queue } = setUp(intake, { bulk: 10 });
  await queue(30);
  expect(await release({}, stop.signal)).toMatchObject({ delivered: 10, remaining: 20 });
  expect(bodies).toHaveLength(1);
});
