import { describe, expect, test } from "bun:test";
import { strFromU8, unzlibSync } from "fflate";
import type { Delivery, Intake } from "../../src/datadog/delivery.ts";
import { StorageError } from "../../src/errors.ts";
import { readLastDelivery } from "../../src/jobs/last-delivery.ts";
import { LeaseBusy } from "../../src/jobs/lease.ts";
import { createSelfMetrics } from "../../src/jobs/self-metrics.ts";
import { createSend, type SendDeps, type SendOptions } from "../../src/jobs/send.ts";
import { logsTrack, metricsTrack } from "../../src/jobs/track.ts";
import { type TestClock, testClock } from "../helpers/clock.ts";
import { memoryStorage, recordsOf } from "../helpers/memory-storage.ts";

const NOW = 1_591_541_275;
const WRAPPED = "chouette:metrics:wrapped";
const sender = { host: "pi", globalTags: ["env:test"] };
const accepted: Delivery = { outcome: "accepted", status: 202, error: "" };
const unheard: Delivery = { outcome: "retry", status: 0, error: "the network is down" };
const forbidden: Delivery = { outcome: "hold", status: 403, error: "the API key is not valid" };

/** An intake that gives these answers, then accepts; it remembers what it was sent. */
function answering(...answers: (Delivery | (() => Promise<Delivery>))[]) {
  const bodies: { series: { metric: string; points: [number, number][] }[] }[] = [];
  const intake: Intake = {
    post: async (_track, payload) => {
      bodies.push(JSON.parse(strFromU8(unzlibSync(payload))));
      const answer = answers.shift() ?? accepted;
      return typeof answer === "function" ? answer() : answer;
    },
    close: async () => {},
  };
  const points = () => bodies.map(({ series }) => series.reduce((sum, { points }) => sum + points.length, 0));
  return { intake, bodies, points };
}

function setUp(intake: Intake, more: Partial<SendDeps> & { clock?: TestClock; bulk?: number } = {}) {
  const clock = more.clock ?? testClock(NOW);
  const storage = more.storage ?? memoryStorage(clock.now);
  const deps: SendDeps = {
    storage,
    intake,
    clock,
    owner: "test",
    random: () => 0,
    selfMetrics: undefined,
    ...more,
  };
  const send = createSend(deps, metricsTrack(sender, { version: 1, ttl: 14_400, bulk: more.bulk ?? 10_000 }));
  const release = (options: Partial<SendOptions> = {}, stop = new AbortController().signal) =>
    send({ seconds: 48, attempts: Number.POSITIVE_INFINITY, patience: 0, ...options }, stop);
  const queue = (count: number, at = NOW - 60) =>
    storage.commit({
      add: [
        {
          queue: WRAPPED,
          records: Array.from({ length: count }, (_, n) => ({
            key: `k${String(n).padStart(6, "0")}`,
            at: at + n / 1e6,
            body: JSON.stringify({ metric: `m${n}`, tags: [], points: [[at, n]], type: "gauge" }),
          })),
        },
      ],
    });
  return { clock, storage, release, queue };
}

describe("a release", () => {
  test("sends bulk after bulk until the queue is empty", async () => {
    const { intake, points } = answering();
    const { storage, release, queue } = setUp(intake, { bulk: 40 });
    await queue(100);
    expect(await release()).toEqual({
      track: "metrics",
      delivered: 100,
      bytes: expect.any(Number),
      expired: 0,
      malformed: 0,
      rejected: [],
      remaining: 0,
      failure: undefined,
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

  test("drops and counts what is older than its time to live", async () => {
    const { intake, points } = answering();
    const { release, queue } = setUp(intake);
    await queue(3, NOW - 15_000);
    await queue(2);
    expect(await release()).toMatchObject({ delivered: 2, expired: 1, remaining: 0 });
    expect(points()).toEqual([2]);
  });

  test("puts what it cannot read aside and sends the rest", async () => {
    const { intake } = answering();
    const { storage, release, queue } = setUp(intake);
    await storage.commit({
      add: [{ queue: WRAPPED, records: [{ key: "a", at: NOW - 70, body: "nonsense" }] }],
    });
    await queue(1);
    expect(await release()).toMatchObject({
      delivered: 1,
      malformed: 1,
      rejected: [{ key: "a", body: "nonsense", reason: "it is not a record of this queue" }],
      remaining: 0,
    });
    expect(await recordsOf(storage, `${WRAPPED}:rejected`)).toEqual([
      { reason: "it is not a record of this queue", record: "nonsense" },
    ]);
  });

  test("one bad record of a payload goes to the rejected queue, the others arrive", async () => {
    const intake: Intake = {
      post: async (_track, payload) =>
        strFromU8(unzlibSync(payload)).includes('"m3"')
          ? { outcome: "bisect", status: 400, error: "bad series" }
          : accepted,
      close: async () => {},
    };
    const { release, queue } = setUp(intake);
    await queue(8);
    const report = await release();
    expect(report).toMatchObject({ delivered: 7, malformed: 0, remaining: 0, failure: undefined });
    expect(report.rejected.map(({ key }) => key)).toEqual(["k000003"]);
  });

  test("ends when its time is over; the rest waits", async () => {
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

describe("failures", () => {
  test("waits longer after each, asks with few records, and goes on where it was", async () => {
    const { intake, points } = answering(unheard, unheard, unheard);
    const { clock, release, queue } = setUp(intake, { bulk: 50 });
    await queue(100);
    expect(await release()).toMatchObject({ delivered: 100, remaining: 0, failure: undefined });
    expect(points()).toEqual([50, 10, 10, 10, 50, 40]);
    expect(clock.now() - NOW).toBe(2 + 4 + 8);
  });

  test("what is sent again after a lost answer is the same", async () => {
    const { intake, bodies } = answering(unheard);
    const { release, queue } = setUp(intake);
    await queue(5);
    await release();
    expect(bodies[1]).toEqual(bodies[0]);
  });

  test("remembers between releases how long to wait", async () => {
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

  test("waits as long as the intake asks", async () => {
    const { intake } = answering({ ...unheard, status: 429, retryAfter: 30 });
    const { clock, release, queue } = setUp(intake);
    await queue(1);
    await release();
    expect(clock.now() - NOW).toBe(30);
  });

  test("keeps everything when the key is refused, and asks once per release", async () => {
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

  test("a person's flush gives up after a few", async () => {
    const { intake, bodies } = answering(...Array(9).fill(unheard));
    const { release, queue } = setUp(intake);
    await queue(1);
    expect(await release({ attempts: 3, seconds: Number.POSITIVE_INFINITY })).toMatchObject({
      failure: unheard,
    });
    expect(bodies).toHaveLength(3);
  });

  test("a queue that cannot be changed after the 2xx keeps the record: it is sent again, the same", async () => {
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

  test("told to stop, it starts nothing new", async () => {
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
});

test("Chouette's own numbers come with what they count, in one step", async () => {
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

test("logs go their own way, a thousand at a time", async () => {
  const clock = testClock(NOW);
  const storage = memoryStorage(clock.now);
  const sent: unknown[][] = [];
  const intake: Intake = {
    post: async (track, payload) => {
      expect(track).toBe("logs");
      sent.push(JSON.parse(strFromU8(unzlibSync(payload))));
      return accepted;
    },
    close: async () => {},
  };
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
    { storage, intake, clock, owner: "test", random: () => 0, selfMetrics: undefined },
    logsTrack(sender, { version: 2, ttl: 64_800 }),
  );
  expect(await send({ seconds: 48, attempts: 3, patience: 0 }, new AbortController().signal)).toMatchObject({
    track: "logs",
    delivered: 1500,
    remaining: 0,
  });
  expect(sent.map((batch) => batch.length)).toEqual([1000, 500]);
  expect(sent[0]?.[0]).toMatchObject({
    ddtags: "a:b,env:test",
    hostname: "pi",
    status: "info",
    level: "INFO",
  });
});
