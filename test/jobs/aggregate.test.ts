import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { aggregate } from "../../src/jobs/aggregate.ts";
import { rawMetricParser } from "../../src/records/raw-metric.ts";
import { pushRaw, recordsOf } from "../helpers/memory-storage.ts";
import { counts, NOW, point, RAW, setUp, WRAPPED } from "./aggregate-rig.ts";

describe("a pass", () => {
  test("turns closed windows into points and leaves the open one", async () => {
    const { storage, pass } = setUp();
    await pushRaw(
      storage,
      { timestamp: 1_591_541_250 },
      { timestamp: 1_591_541_260.5, value: 4 },
      { timestamp: 1_591_541_269.9 },
      { timestamp: 1_591_541_270 },
    );
    expect(await pass()).toEqual({
      raw: 3,
      points: 2,
      expired: 0,
      rejected: { count: 0, first: undefined },
      left: 0,
      live: 0,
      beyond: { records: 0, metric: undefined },
      flood: undefined,
    });
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

  test("closes the open window on request, and later metrics of it get its next second", async () => {
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

  test("counts metrics that arrive after their window was closed", async () => {
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
    expect({ ...report, rejected: report.rejected.count }).toEqual({
      raw: 25_000,
      points: 7 * 6,
      expired: 0,
      rejected: 0,
      left: 0,
      live: 0,
      beyond: { records: 0, metric: undefined },
      flood: undefined,
    });
    expect(await counts(storage)).toEqual({ sum: 25_000, doubled: [] });
  });

  test("closes a window that is larger than many batches in one piece, so that sets, rates and histograms are exact", async () => {
    const { storage, pass } = setUp();
    const at = (index: number) => ({ timestamp: 1_591_541_260 + index / 3000, tags: {} });
    await pushRaw(
      storage,
      ...Array.from({ length: 7000 }, (_, i) => ({
        ...at(i),
        metric: "s",
        type: "set",
        value: [i % 5, "x"],
      })),
      ...Array.from({ length: 7000 }, (_, i) => ({ ...at(i), metric: "r", type: "rate", value: 1 })),
      ...Array.from({ length: 7000 }, (_, i) => ({ ...at(i), metric: "h", type: "histogram", value: i })),
    );
    expect((await pass()).raw).toBe(21_000);
    const second = 1_591_541_260;
    const records = (await recordsOf(storage, WRAPPED)) as { metric: string; points: unknown }[];
    expect(Object.fromEntries(records.map(({ metric, points }) => [metric, points]))).toEqual({
      s: [[second, 6]],
      r: [[second, 700]],
      "h.max": [[second, 6999]],
      "h.count": [[second, 700]],
    });
    expect(records.length).toBe(4);
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
