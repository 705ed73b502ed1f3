import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { datadogWrapper } from "../../src/aggregate/datadog-wrapper.ts";
import { rawMetricParser } from "../../src/aggregate/raw-metric.ts";
import { StorageError } from "../../src/errors.ts";
import { type AggregateDeps, aggregate } from "../../src/jobs/aggregate.ts";
import { LeaseBusy } from "../../src/jobs/lease.ts";
import type { Storage } from "../../src/storage/storage.ts";
import { testClock } from "../helpers/clock.ts";
import { memoryStorage, pushRaw, recordsOf } from "../helpers/memory-storage.ts";

const RAW = "chouette:metrics:raw";
const WRAPPED = "chouette:metrics:wrapped";
const NOW = 1_591_541_275;

function setUp(now = NOW, storage?: Storage) {
  const clock = testClock(now);
  const deps: AggregateDeps = {
    storage: storage ?? memoryStorage(clock.now),
    clock,
    owner: "test",
    interval: 10,
    ttl: 14_400,
    wrapper: datadogWrapper({ aggregates: ["max", "count"], percentiles: [] }),
    parse: rawMetricParser([]),
    newKey: () => crypto.randomUUID(),
  };
  const pass = (openWindow = false) =>
    aggregate(deps, { openWindow, patience: 0 }, new AbortController().signal);
  return { clock, deps, storage: deps.storage, pass };
}

const point = (timestamp: number, value: number, more = {}) => ({
  metric: "m",
  tags: [],
  points: [[timestamp, value]],
  type: "count",
  interval: 10,
  ...more,
});

/** What a queue of counts adds up to, and every second at which a series has more than one value. */
async function counts(storage: Storage): Promise<{ sum: number; doubled: string[] }> {
  const seen = new Set<string>();
  const doubled: string[] = [];
  let sum = 0;
  for (const record of (await recordsOf(storage, WRAPPED)) as {
    metric: string;
    tags: string[];
    points: [number, number][];
  }[]) {
    for (const [second, value] of record.points) {
      const place = `${record.metric}|${record.tags}@${second}`;
      if (seen.has(place)) doubled.push(place);
      seen.add(place);
      sum += value;
    }
  }
  return { sum, doubled };
}

describe("a pass", () => {
  test("turns the windows that are over into points and leaves the open one", async () => {
    const { storage, pass } = setUp();
    await pushRaw(
      storage,
      { timestamp: 1_591_541_250 },
      { timestamp: 1_591_541_260.5, value: 4 },
      { timestamp: 1_591_541_269.9 },
      { timestamp: 1_591_541_270 },
    );
    expect(await pass()).toEqual({ raw: 3, points: 2, expired: 0, rejected: [], left: 0 });
    expect(await recordsOf(storage, WRAPPED)).toEqual([
      {
        ...point(1_591_541_250, 1),
        points: [
          [1_591_541_250, 1],
          [1_591_541_260, 5],
        ],
      },
    ]);
    expect((await storage.size(RAW)).count).toBe(1);
  });

  test("closes the open window too when it is told to; the rest of that window gets its next second", async () => {
    const { clock, storage, pass } = setUp();
    await pushRaw(storage, { timestamp: 1_591_541_271 });
    await pass(true);
    await pushRaw(storage, { timestamp: 1_591_541_272, value: 2 });
    await pass(true);
    await pushRaw(storage, { timestamp: 1_591_541_279, value: 3 });
    clock.pass(10);
    await pass();
    expect(await recordsOf(storage, WRAPPED)).toEqual([
      point(1_591_541_270, 1),
      point(1_591_541_271, 2),
      point(1_591_541_272, 3),
    ]);
  });

  test("what arrives after its window was closed still counts", async () => {
    const { storage, pass } = setUp();
    await pushRaw(storage, { timestamp: 1_591_541_261 });
    await pass();
    await pushRaw(storage, { timestamp: 1_591_541_262, value: 7 });
    await pass();
    expect(await recordsOf(storage, WRAPPED)).toEqual([point(1_591_541_260, 1), point(1_591_541_261, 7)]);
  });

  test("the global tags decide with the others what is one series", async () => {
    const { deps, storage } = setUp();
    await pushRaw(storage, { timestamp: 1_591_541_261, tags: { zone: "a" } }, { timestamp: 1_591_541_262 });
    await aggregate(
      { ...deps, parse: rawMetricParser(["zone:a"]) },
      { openWindow: false, patience: 0 },
      new AbortController().signal,
    );
    expect(await recordsOf(storage, WRAPPED)).toEqual([point(1_591_541_260, 2, { tags: ["zone:a"] })]);
  });

  test("a queue that is longer than a batch is read batch by batch, each window whole", async () => {
    const { storage, pass } = setUp();
    const metrics = Array.from({ length: 25_000 }, (_, index) => ({
      timestamp: NOW - 60 + index / 500,
      metric: `m${index % 7}`,
    }));
    await pushRaw(storage, ...metrics);
    const report = await pass();
    expect({ ...report, rejected: report.rejected.length }).toEqual({
      raw: 25_000,
      points: 7 * 6,
      expired: 0,
      rejected: 0,
      left: 0,
    });
    expect(await counts(storage)).toEqual({ sum: 25_000, doubled: [] });
  });

  test("when every second is taken the rest waits for the next window", async () => {
    const { clock, storage, pass } = setUp();
    for (let n = 0; n < 12; n++) {
      await pushRaw(storage, { timestamp: 1_591_541_271 });
      expect((await pass(true)).left).toBe(n < 10 ? 0 : n - 9);
    }
    clock.pass(10);
    expect((await pass(true)).left).toBe(0);
    expect(await counts(storage)).toEqual({ sum: 12, doubled: [] });
  });
});

describe("bad input", () => {
  test("goes to the rejected queue, counted, and nothing else is lost because of it", async () => {
    const { storage, pass } = setUp();
    const body = (record: unknown) =>
      typeof record === "string"
        ? record
        : JSON.stringify({
            metric: "m",
            type: "count",
            value: 1,
            timestamp: NOW - 10,
            tags: {},
            ...(record as object),
          });
    const bad = [
      "nonsense",
      { value: "1" },
      { value: null },
      { value: { a: 1 } },
      '{"metric":"m","type":"gauge","value":NaN,"timestamp":1,"tags":{}}',
      { timestamp: -5 },
      { timestamp: (NOW - 10) * 1000 },
      { timestamp: 32_503_680_000 },
    ];
    const records = [...bad, {}].map((record, index) => ({
      key: `k${index}`,
      at: NOW - 10,
      body: body(record),
    }));
    await storage.commit({ add: [{ queue: RAW, records }] });
    const report = await pass();
    expect({ ...report, rejected: report.rejected.map(({ key }) => key) }).toEqual({
      raw: 1,
      points: 1,
      expired: 0,
      rejected: bad.map((_, index) => `k${index}`),
      left: 0,
    });
    expect((await storage.size(RAW)).count).toBe(0);
    expect((await storage.size(`${RAW}:rejected`)).count).toBe(bad.length);
    expect((await recordsOf(storage, `${RAW}:rejected`))[0]).toEqual({
      reason: "it is not a record of this queue",
      record: "nonsense",
    });
  });

  test("a value of a megabyte and more is not even read", async () => {
    const { storage, pass } = setUp();
    await storage.commit({
      add: [{ queue: RAW, records: [{ key: "big", at: NOW - 10, body: "x".repeat(1_000_001) }] }],
    });
    expect((await pass()).rejected).toEqual([
      { key: "big", body: undefined, reason: "its value of 1000001 bytes is too large to read" },
    ]);
  });

  test("metrics queued in milliseconds do not lie there for ever", async () => {
    const { storage, pass } = setUp();
    await pushRaw(storage, { timestamp: NOW * 1000 });
    await storage.commit({
      add: [
        {
          queue: RAW,
          records: [
            {
              key: "k",
              at: NOW * 1000,
              body: JSON.stringify({
                metric: "good",
                type: "count",
                value: 1,
                timestamp: NOW - 10,
                tags: {},
              }),
            },
          ],
        },
      ],
    });
    const report = await pass();
    expect([report.raw, report.rejected.length, (await storage.size(RAW)).count]).toEqual([1, 1, 0]);
  });

  test("old metrics expire by their place in the queue or by their own timestamp, and are counted", async () => {
    const { storage, pass } = setUp();
    const body = JSON.stringify({ metric: "m", type: "count", value: 1, timestamp: 0, tags: {} });
    await storage.commit({
      add: [
        {
          queue: RAW,
          records: [
            { key: "a", at: 0, body },
            { key: "b", at: NOW - 10, body },
          ],
        },
      ],
    });
    expect(await pass()).toEqual({ raw: 0, points: 0, expired: 2, rejected: [], left: 0 });
  });

  test("a metric of the near future waits, queued at its own time, and blocks nobody", async () => {
    const { clock, storage, pass } = setUp();
    const body = JSON.stringify({ metric: "ahead", type: "count", value: 1, timestamp: NOW + 100, tags: {} });
    await storage.commit({ add: [{ queue: RAW, records: [{ key: "a", at: NOW - 100, body }] }] });
    expect((await pass()).raw).toBe(0);
    expect(await storage.size(RAW)).toEqual({ count: 1, oldest: NOW + 100, newest: NOW + 100 });
    clock.pass(120);
    expect((await pass()).raw).toBe(1);
  });
});

describe("faults", () => {
  test("while another process aggregates, this one does not", async () => {
    const { storage, pass } = setUp();
    await pushRaw(storage, { timestamp: NOW - 10 });
    await storage.acquire({ name: RAW, owner: "other" }, 90);
    expect(pass()).rejects.toBeInstanceOf(LeaseBusy);
  });

  test("a step that fails leaves everything as it was", async () => {
    const { deps, storage, pass } = setUp();
    await pushRaw(storage, { timestamp: NOW - 10 });
    const broken = { ...storage, commit: () => Promise.reject(new StorageError("no")) };
    const failing = aggregate(
      { ...deps, storage: broken },
      { openWindow: false, patience: 0 },
      new AbortController().signal,
    );
    expect(failing).rejects.toEqual(new StorageError("no"));
    expect(await pass()).toEqual({ raw: 1, points: 1, expired: 0, rejected: [], left: 0 });
  });

  test("a wrapper that throws costs the metric in hand", async () => {
    const { deps, storage } = setUp();
    await pushRaw(storage, { timestamp: NOW - 10 }, { timestamp: NOW - 10, metric: "bad" });
    const wrapper: AggregateDeps["wrapper"] = ({ metric }) => {
      if (metric === "bad") throw new Error("cannot");
      return [{ metric, type: "gauge", value: 1 }];
    };
    const report = await aggregate(
      { ...deps, wrapper },
      { openWindow: false, patience: 0 },
      new AbortController().signal,
    );
    expect(report.rejected.map(({ reason }) => reason)).toEqual(["the wrapper failed: cannot"]);
    expect(report.points).toBe(1);
  });
});

test("whatever the order of arrival, the flushes and the lateness, counts add up and no series has two values at a second", async () => {
  const step = fc.oneof(
    fc.record({ push: fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 5 }) }),
    fc.record({ pass: fc.integer({ min: 0, max: 15 }) }),
    fc.constant({ flush: true }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const { clock, storage, pass } = setUp();
      let pushed = 0;
      for (const step of steps) {
        if ("push" in step) {
          await pushRaw(storage, ...step.push.map((age) => ({ timestamp: clock.now() - age })));
          pushed += step.push.length;
        } else if ("pass" in step) {
          clock.pass(step.pass);
          await pass();
        } else await pass(true);
      }
      clock.pass(20);
      await pass(true);
      expect(await counts(storage)).toEqual({ sum: pushed, doubled: [] });
    }),
    { numRuns: 60 },
  );
});
