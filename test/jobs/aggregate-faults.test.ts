import { describe, expect, test } from "bun:test";
import { StorageError } from "../../src/errors.ts";
import { type AggregateDeps, aggregate } from "../../src/jobs/aggregate.ts";
import { LeaseBusy } from "../../src/jobs/lease.ts";
import { pushRaw, recordsOf } from "../helpers/memory-storage.ts";
import { counts, NOW, RAW, setUp } from "./aggregate-rig.ts";

describe("bad input", () => {
  test("is counted and goes to the rejected queue, and nothing else is lost", async () => {
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
    expect(report).toEqual({
      raw: 1,
      points: 1,
      expired: 0,
      rejected: { count: bad.length, first: { key: "k0", reason: expect.any(String) } },
      left: 0,
      live: 0,
      beyond: { records: 0, metric: undefined },
      flood: undefined,
    });
    expect((await storage.size(RAW)).count).toBe(0);
    expect((await storage.size(`${RAW}:rejected`)).count).toBe(bad.length);
    expect((await recordsOf(storage, `${RAW}:rejected`))[0]).toEqual({
      reason: "it is not JSON",
      record: "nonsense",
    });
  });

  test("a record that makes its parser fail costs only itself", async () => {
    const { deps, storage } = setUp();
    await pushRaw(storage, { metric: "bad", timestamp: NOW - 10 }, { metric: "good", timestamp: NOW - 10 });
    const parse: AggregateDeps["parse"] = (body) => {
      if (body.includes("bad")) throw new RangeError("too much");
      return deps.parse(body);
    };
    const signal = new AbortController().signal;
    expect(await aggregate({ ...deps, parse }, { openWindow: false, patience: 0 }, signal)).toMatchObject({
      raw: 1,
      rejected: { count: 1, first: { reason: "it cannot be read: too much" } },
    });
  });

  test("a value over a megabyte is not read", async () => {
    const { storage, pass } = setUp();
    await storage.commit({
      add: [{ queue: RAW, records: [{ key: "big", at: NOW - 10, body: "x".repeat(1_000_001) }] }],
    });
    expect((await pass()).rejected).toEqual({
      count: 1,
      first: { key: "big", reason: "its value of 1000001 bytes is too large to read" },
    });
  });

  test("metrics queued in milliseconds do not stay in the queue forever", async () => {
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
    expect([report.raw, report.rejected.count, (await storage.size(RAW)).count]).toEqual([1, 1, 0]);
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
    expect(await pass()).toEqual({
      raw: 0,
      points: 0,
      expired: 2,
      rejected: { count: 0, first: undefined },
      left: 0,
      live: 0,
      beyond: { records: 0, metric: undefined },
      flood: undefined,
    });
  });

  test("a metric of the near future is queued at its own time and blocks no other", async () => {
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
  test("a clock that runs ahead for a while does not make it forget which seconds are taken", async () => {
    const { clock, storage, pass } = setUp();
    await pushRaw(storage, { timestamp: NOW - 10 });
    await pass();
    clock.set(NOW + 365 * 86_400);
    await pushRaw(storage, { timestamp: clock.now() - 10, metric: "ahead" });
    await pass();
    clock.set(NOW);
    await pushRaw(storage, { timestamp: NOW - 10, value: 2 });
    await pass();
    expect((await counts(storage)).doubled).toEqual([]);
  });

  test("while another process aggregates, this one does not", async () => {
    const { storage, pass } = setUp();
    await pushRaw(storage, { timestamp: NOW - 10 });
    await storage.acquire({ name: RAW, owner: "other" }, 90);
    expect(pass()).rejects.toBeInstanceOf(LeaseBusy);
  });

  test("a failed step changes nothing", async () => {
    const { deps, storage, pass } = setUp();
    await pushRaw(storage, { timestamp: NOW - 10 });
    const broken = { ...storage, commit: () => Promise.reject(new StorageError("no")) };
    const failing = aggregate(
      { ...deps, storage: broken },
      { openWindow: false, patience: 0 },
      new AbortController().signal,
    );
    expect(failing).rejects.toEqual(new StorageError("no"));
    expect(await pass()).toEqual({
      raw: 1,
      points: 1,
      expired: 0,
      rejected: { count: 0, first: undefined },
      left: 0,
      live: 0,
      beyond: { records: 0, metric: undefined },
      flood: undefined,
    });
  });

  test("a wrapper that throws loses only that metric", async () => {
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
    expect(report.rejected).toEqual({
      count: 1,
      first: { key: expect.any(String), reason: "the wrapper failed: cannot" },
    });
    expect(report.points).toBe(1);
  });
});
