import { describe, expect, test } from "bun:test";
import type { Intake } from "../../src/datadog/delivery.ts";
import { readLastDelivery } from "../../src/jobs/last-delivery.ts";
import { LeaseBusy } from "../../src/jobs/lease.ts";
import { createSelfMetrics } from "../../src/jobs/self-metrics.ts";
import { createSend } from "../../src/jobs/send.ts";
import { emptyReport } from "../../src/jobs/send-report.ts";
import { logsTrack, metricsTrack } from "../../src/jobs/track.ts";
import { testClock } from "../helpers/clock.ts";
import { accepted, memoryIntake } from "../helpers/memory-intake.ts";
import { memoryStorage, recordsOf } from "../helpers/memory-storage.ts";
import { answering, NOW, sender, setUp, WRAPPED } from "./send-rig.ts";

describe("a release", () => {
  test("sends bulk after bulk until the queue is empty", async () => {
    const { intake, points } = answering();
    const { storage, release, queue } = setUp(intake, { bulk: 40 });
    await queue(100);
    expect(await release()).toEqual({
      ...emptyReport("metrics"),
      delivered: 100,
      bytes: expect.any(Number),
    });
    expect(points()).toEqual([40, 40, 20]);
    expect(await readLastDelivery(storage)).toEqual({ at: NOW, outcome: "delivered", error: null });
  });

  test("takes no more points at a time than a bulk has, also where records hold several", async () => {
    const { intake, points } = answering();
    const { storage, release } = setUp(intake, { bulk: 10 });
    const records = Array.from({ length: 6 }, (_, n) => ({
      key: `k${n}`,
      at: NOW - 60 + n,
      body: JSON.stringify({
        metric: "m",
        tags: [],
        type: "gauge",
        points: Array.from({ length: 4 }, (_, i) => [NOW - 1000 + n * 10 + i, i]),
      }),
    }));
    await storage.commit({ add: [{ queue: WRAPPED, records }] });
    expect(await release()).toMatchObject({ delivered: 24, remaining: 0 });
    expect(points()).toEqual([8, 8, 8]);
  });

  test("drops and counts expired records", async () => {
    const { intake, points } = answering();
    const { release, queue } = setUp(intake);
    await queue(3, NOW - 15_000);
    await queue(2);
    expect(await release()).toMatchObject({ delivered: 2, expired: 1, remaining: 0 });
    expect(points()).toEqual([2]);
  });

  test("sets malformed records aside and sends the rest", async () => {
    const { intake } = answering();
    const { storage, release, queue } = setUp(intake);
    await storage.commit({
      add: [{ queue: WRAPPED, records: [{ key: "a", at: NOW - 70, body: "nonsense" }] }],
    });
    await queue(1);
    expect(await release()).toMatchObject({
      delivered: 1,
      malformed: { count: 1, first: { key: "a", reason: "it is not a record of this queue" } },
      rejected: { count: 0, first: undefined },
      remaining: 0,
    });
    expect(await recordsOf(storage, `${WRAPPED}:rejected`)).toEqual([
      { reason: "it is not a record of this queue", record: "nonsense" },
    ]);
  });

  test.each([
    [
      "nests too deep",
      `{"points": ${"[".repeat(499_000)}${"]".repeat(499_000)}}`,
      "it nests deeper than 100 levels",
    ],
    ["is over a megabyte", "x".repeat(1_000_001), "its value of 1000001 bytes is too large to read"],
  ])("sets a record aside that %s, with the reason", async (_, body, reason) => {
    const { intake } = answering();
    const { storage, release, queue } = setUp(intake);
    await storage.commit({ add: [{ queue: WRAPPED, records: [{ key: "a", at: NOW - 70, body }] }] });
    await queue(1);
    expect(await release()).toMatchObject({
      delivered: 1,
      malformed: { count: 1, first: { key: "a", reason } },
      remaining: 0,
    });
  });

  test("a record that makes its parser fail costs only itself", async () => {
    const { intake } = answering();
    const track = metricsTrack(sender, { version: 1, ttl: 14_400, bulk: 10_000 });
    const parse: typeof track.parse = (body, at) => {
      if (body.includes('"m1"')) throw new RangeError("too much");
      return track.parse(body, at);
    };
    const { clock, storage, queue } = setUp(intake);
    await queue(3);
    const send = createSend(
      { storage, intake, clock, owner: "test", random: () => 0, releaseInterval: 60, selfMetrics: undefined },
      { ...track, parse },
    );
    expect(
      await send(
        { seconds: 48, letFinish: false, attempts: 3, patience: 0, longestPause: 30 },
        new AbortController().signal,
      ),
    ).toMatchObject({
      delivered: 2,
      malformed: { count: 1, first: { key: "k000001", reason: "it cannot be sent: too much" } },
      remaining: 0,
    });
  });

  test("one bad record of a payload goes to the rejected queue, the others arrive", async () => {
    const intake = memoryIntake(({ text }) =>
      text.includes('"m3"') ? { outcome: "bisect", status: 400, error: "bad series" } : accepted,
    );
    const { release, queue } = setUp(intake);
    await queue(8);
    const report = await release();
    expect(report).toMatchObject({
      delivered: 7,
      malformed: { count: 0, first: undefined },
      remaining: 0,
      failure: undefined,
    });
    expect(report.rejected).toEqual({ count: 1, first: { key: "k000003", reason: expect.any(String) } });
  });

  test("ends when its time is over and leaves the rest queued", async () => {
    const slow = answering();
    const clock = testClock(NOW);
    const storage = memoryStorage(clock.now);
    const post: Intake["post"] = async (...args) => {
      await clock.sleep(20, new AbortController().signal);
      return slow.intake.post(...args);
    };
    const { release, queue } = setUp({ ...slow.intake, post }, { clock, storage, bulk: 10 });
    await queue(100);
    const report = await release();
    expect(report).toMatchObject({ delivered: 30, remaining: 70, failure: undefined });
    expect(clock.now() - NOW).toBe(60);
  });

  test("does nothing while another process sends", async () => {
    const { intake, bodies } = answering();
    const { storage, release, queue } = setUp(intake);
    await queue(1);
    await storage.acquire({ name: WRAPPED, owner: "other" }, 90);
    expect(release()).rejects.toBeInstanceOf(LeaseBusy);
    expect(bodies).toEqual([]);
  });
});

test("stores Chouette's own metrics in the commit of what they count", async () => {
  const { intake } = answering();
  const clock = testClock(NOW);
  let key = 0;
  const selfMetrics = createSelfMetrics(clock.now, () => `own${key++}`);
  const storage = memoryStorage(clock.now);
  const commits: number[] = [];
  const counting = {
    ...storage,
    commit: (change: Parameters<typeof storage.commit>[0]) => {
      commits.push(1);
      return storage.commit(change);
    },
  };
  const { release } = setUp(intake, { clock, storage: counting, selfMetrics });
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
  const { bytes } = await release();
  const own = (metric: string, type: string, value: number) => ({
    metric,
    type,
    value,
    timestamp: NOW,
    tags: {},
  });
  expect(await recordsOf(storage, "chouette:metrics:raw")).toEqual([
    own("chouette.queued.metrics", "gauge", 1),
    own("chouette.dispatched.metrics.number", "count", 1),
    own("chouette.dispatched.metrics.bytes", "count", bytes),
  ]);
  expect(commits).toHaveLength(1);
});

test("sends logs separately, a thousand at a time", async () => {
  const clock = testClock(NOW);
  const storage = memoryStorage(clock.now);
  const intake = memoryIntake(({ track }) => {
    expect(track).toBe("logs");
    return accepted;
  });
  const records = Array.from({ length: 1500 }, (_, n) => ({
    key: `k${n}`,
    at: NOW - 10,
    body: JSON.stringify({
      date: "2020-06-07T15:07:50.997857+00:00",
      message: { n },
      level: "INFO",
      ddtags: ["a:b"],
    }),
  }));
  await storage.commit({ add: [{ queue: "chouette:logs:wrapped", records }] });
  const send = createSend(
    { storage, intake, clock, owner: "test", random: () => 0, releaseInterval: 60, selfMetrics: undefined },
    logsTrack(sender, { version: 2, ttl: 64_800 }),
  );
  expect(
    await send(
      { seconds: 48, letFinish: false, attempts: 3, patience: 0, longestPause: 30 },
      new AbortController().signal,
    ),
  ).toMatchObject({
    track: "logs",
    delivered: 1500,
    remaining: 0,
  });
  expect(intake.bodies.map((batch) => batch.length)).toEqual([1000, 500]);
  expect(intake.bodies[0]?.[0]).toMatchObject({
    ddtags: "a:b,env:test",
    hostname: "pi",
    status: "info",
    level: "INFO",
  });
});
