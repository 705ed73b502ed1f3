import { describe, expect, test } from "bun:test";
import { liveWindows } from "../../src/aggregate/live-windows.ts";
import { pushRaw, recordsOf } from "../helpers/memory-storage.ts";
import { NOW, RAW, setUp, WRAPPED } from "./aggregate-rig.ts";

const DISTRIBUTIONS = "chouette:distributions:wrapped";
const SKETCHES = "chouette:sketches:wrapped";
const WINDOW = 1_591_541_260;

const raw = (value: number, more: Record<string, unknown> = {}) => ({
  type: "distribution",
  timestamp: WINDOW + 1.5,
  value,
  ...more,
});

describe("distributions of the raw queue", () => {
  test("become their values at the start of their window, one that stands for several as often", async () => {
    const { storage, pass } = setUp();
    await pushRaw(storage, raw(3), raw(1.5, { weight: 3 }), raw(-2, { tags: { zone: "a" } }));
    expect(await pass()).toMatchObject({ raw: 3, points: 2 });
    const distributions = await recordsOf(storage, DISTRIBUTIONS);
    expect(distributions.sort((a, b) => JSON.stringify(b).length - JSON.stringify(a).length)).toEqual([
      { metric: "m", tags: [], timestamp: WINDOW, values: [1.5, 1.5, 1.5, 3] },
      { metric: "m", tags: ["zone:a"], timestamp: WINDOW, values: [-2] },
    ]);
    expect(await recordsOf(storage, RAW)).toEqual([]);
    expect(await recordsOf(storage, WRAPPED)).toEqual([]);
  });

  test("become a sketch when they have more values than are sent one by one", async () => {
    const { storage, pass } = setUp();
    await pushRaw(storage, ...Array.from({ length: 100 }, (_, n) => raw(n + 1)), raw(5, { weight: 1 }));
    await pass();
    expect(await recordsOf(storage, DISTRIBUTIONS)).toEqual([]);
    expect(await recordsOf(storage, SKETCHES)).toEqual([
      expect.objectContaining({ metric: "m", timestamp: WINDOW, count: 101, min: 1, max: 100, sum: 5055 }),
    ]);
  });

  test("that come late get a second of their own, so that every value is sent once", async () => {
    const { storage, pass } = setUp();
    await pushRaw(storage, raw(1));
    await pass();
    await pushRaw(storage, raw(2));
    await pass();
    expect(await recordsOf(storage, DISTRIBUTIONS)).toEqual([
      { metric: "m", tags: [], timestamp: WINDOW, values: [1] },
      { metric: "m", tags: [], timestamp: WINDOW + 1, values: [2] },
    ]);
  });

  test("are malformed without a number, and with a weight that nobody measured", async () => {
    const { storage, pass } = setUp();
    await pushRaw(storage, raw(1e39), raw(1, { weight: 0 }), raw(1, { weight: 1.5 }), {
      ...raw(1),
      value: "1",
    });
    expect(await pass()).toMatchObject({ raw: 0, rejected: { count: 4 } });
  });
});

test("distributions that came without a queue are stored with those of the queue", async () => {
  const { storage, deps, pass } = setUp();
  const live = liveWindows({ interval: 10, keeps: deps.wrapper.keeps, maxSeries: 10 });
  deps.live = live;
  const series = { metric: "m", tags: [], id: "[]m" };
  const group = live.find(series, "distribution", WINDOW + 2);
  if (typeof group === "string") throw new Error(group);
  live.add(group, { series, type: "distribution", timestamp: WINDOW + 2, value: 7, weight: 2 });
  await pushRaw(storage, raw(3));
  await pass();
  expect(await recordsOf(storage, DISTRIBUTIONS)).toEqual([
    { metric: "m", tags: [], timestamp: WINDOW, values: [3, 7, 7] },
  ]);
  expect(live.has(NOW)).toBeFalse();
});
