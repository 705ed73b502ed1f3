import { describe, expect, test } from "bun:test";
import {
  CHECK_TTL,
  checksTrack,
  distributionsTrack,
  EVENT_TTL,
  eventsTrack,
  sketchesTrack,
} from "../../src/jobs/other-tracks.ts";
import { createSelfMetrics } from "../../src/jobs/self-metrics.ts";
import { createSend } from "../../src/jobs/send.ts";
import type { Track } from "../../src/jobs/track.ts";
import { distributionRecord, sketchRecord } from "../../src/records/distribution.ts";
import { eventRecord } from "../../src/records/event.ts";
import { serviceCheckRecord } from "../../src/records/service-check.ts";
import type { NewRecord, Storage } from "../../src/storage/storage.ts";
import { testClock } from "../helpers/clock.ts";
import { accepted, inTurn, memoryIntake } from "../helpers/memory-intake.ts";
import { memoryStorage, recordsOf } from "../helpers/memory-storage.ts";
import { NOW, sender, unheard } from "./send-rig.ts";

const OPTIONS = {
  seconds: 48,
  letFinish: false,
  attempts: 1,
  patience: 0,
  longestPause: 0,
};
const never = new AbortController().signal;

/** Sends what waits in the queue of a track, once. */
async function release<T>(
  track: Track<T>,
  records: NewRecord[],
  intake = memoryIntake(),
  more: Partial<Storage> = {},
) {
  const clock = testClock(NOW);
  const storage = { ...memoryStorage(clock.now), ...more };
  await storage.commit({ add: [{ queue: track.queue, records }] });
  let keys = 0;
  const selfMetrics = createSelfMetrics(clock.now, () => `key ${keys++}`);
  const deps = { storage, intake, clock, owner: "test", random: () => 0, releaseInterval: 60, selfMetrics };
  const report = await createSend(deps, track)(OPTIONS, never);
  return { report, storage, intake };
}

const series = { metric: "page.load", tags: ["zone:a"], timestamp: NOW - 15 };

describe("a release sends", () => {
  test("distributions of one series together, those of one second as one", async () => {
    const { report, storage, intake } = await release(distributionsTrack(sender, { ttl: 14_400 }), [
      distributionRecord({ ...series, values: [12, 15.5] }, "k1"),
      distributionRecord({ ...series, timestamp: NOW - 25, values: [1] }, "k2"),
      distributionRecord({ ...series, values: [3] }, "k3"),
      distributionRecord({ ...series, host: "pi5", values: [4] }, "k4"),
    ]);
    const one = { metric: "page.load", type: "distribution", tags: ["env:test", "zone:a"] };
    expect(intake.taken).toEqual([
      {
        track: "distributions",
        body: {
          series: [
            {
              ...one,
              host: "pi",
              points: [
                [NOW - 25, [1]],
                [NOW - 15, [12, 15.5, 3]],
              ],
            },
            { ...one, host: "pi5", points: [[NOW - 15, [4]]] },
          ],
        },
      },
    ]);
    expect(report).toMatchObject({ track: "distributions", delivered: 4, remaining: 0 });
    expect(await recordsOf(storage, "chouette:metrics:raw")).toMatchObject([
      { metric: "chouette.dispatched.distributions.number", value: 4 },
      { metric: "chouette.dispatched.distributions.bytes", value: report.bytes },
    ]);
  });

  test("sketches", async () => {
    const sketch = {
      ...series,
      count: 2,
      min: 1,
      max: 2,
      sum: 3,
      bins: [[1338, 1] as const, [1383, 1] as const],
    };
    const { report, intake } = await release(sketchesTrack(sender, { ttl: 14_400 }), [
      sketchRecord(sketch, "k"),
    ]);
    expect(intake.taken).toEqual([
      { track: "sketches", body: [{ ...sketch, tags: ["env:test", "zone:a"], host: "pi" }] },
    ]);
    expect(report.delivered).toBe(1);
  });

  test("each event in a request of its own", async () => {
    const { report, intake } = await release(eventsTrack(sender), [
      eventRecord({ title: "a", text: "x", timestamp: NOW - 9, tags: [] }, NOW, "k1"),
      eventRecord({ title: "b", text: "", alertType: "error", host: "pi5", tags: ["v:1"] }, NOW, "k2"),
    ]);
    expect(intake.taken).toEqual([
      {
        track: "events",
        body: { title: "a", text: "x", date_happened: NOW - 9, host: "pi", tags: ["env:test"] },
      },
      {
        track: "events",
        body: {
          title: "b",
          text: "",
          date_happened: NOW,
          host: "pi5",
          tags: ["env:test", "v:1"],
          alert_type: "error",
        },
      },
    ]);
    expect(report.delivered).toBe(2);
  });

  test("service checks as one array, without counts of them", async () => {
    const { report, storage, intake } = await release(checksTrack(sender), [
      serviceCheckRecord({ name: "db.up", status: 0, timestamp: NOW - 9, tags: [] }, NOW, "k1"),
      serviceCheckRecord({ name: "db.up", status: 2, message: "no route", tags: ["db:main"] }, NOW, "k2"),
    ]);
    expect(intake.taken).toEqual([
      {
        track: "checks",
        body: [
          { check: "db.up", host_name: "pi", status: 0, tags: ["env:test"], timestamp: NOW - 9 },
          {
            check: "db.up",
            host_name: "pi",
            status: 2,
            tags: ["db:main", "env:test"],
            timestamp: NOW,
            message: "no route",
          },
        ],
      },
    ]);
    expect(report.delivered).toBe(2);
    expect(await recordsOf(storage, "chouette:metrics:raw")).toEqual([]);
  });
});

describe("a track", () => {
  const tracks = [
    distributionsTrack(sender, { ttl: 14_400 }),
    sketchesTrack(sender, { ttl: 14_400 }),
    eventsTrack(sender),
    checksTrack(sender),
  ] as Track<unknown>[];

  test.each(tracks)(
    "of $name keeps what the intake does not take, and sets aside what it cannot read",
    async (track) => {
      const good = GOOD[track.name] ?? "";
      const records = [
        { key: "good", at: NOW - 5, body: good },
        { key: "bad", at: NOW - 4, body: "{}" },
      ];
      const { report, storage } = await release(track, records, memoryIntake(inTurn(unheard, accepted)));
      expect(report).toMatchObject({ delivered: 0, remaining: 1, malformed: { count: 1 }, failure: unheard });
      expect(await recordsOf(storage, track.queue)).toEqual([JSON.parse(good)]);
      expect((await storage.size(`${track.queue}:rejected`)).count).toBe(1);
    },
  );

  test.each(tracks)("of $name drops what is too old", async (track) => {
    const records = [{ key: "old", at: NOW - track.ttl - 1, body: GOOD[track.name] ?? "" }];
    const { report, intake } = await release(track, records);
    expect(report).toMatchObject({ delivered: 0, expired: 1, remaining: 0 });
    expect(intake.taken).toEqual([]);
  });

  test.each(tracks)("of $name costs neither a lease nor a write while its queue is empty", async (track) => {
    const untouched = async () => {
      throw new Error("the storage was written");
    };
    const { report } = await release(track, [], memoryIntake(), { acquire: untouched, release: untouched });
    expect(report).toMatchObject({ delivered: 0, remaining: 0 });
  });

  test("of events and of service checks keeps them as long as the intake takes them", () => {
    expect([EVENT_TTL, CHECK_TTL]).toEqual([18 * 3600, 600]);
  });
});

const GOOD: Readonly<Record<string, string>> = {
  distributions: JSON.stringify({ ...series, values: [1] }),
  sketches: JSON.stringify({ ...series, count: 1, min: 1, max: 1, sum: 1, bins: [[1338, 1]] }),
  events: JSON.stringify({ title: "t", text: "", tags: [] }),
  checks: JSON.stringify({ name: "n", status: 0, tags: [] }),
};
