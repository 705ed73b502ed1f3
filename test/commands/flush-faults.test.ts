import { describe, expect, test } from "bun:test";
import type { Delivery } from "../../src/datadog/delivery.ts";
import { StorageError } from "../../src/errors.ts";
import type { Storage } from "../../src/storage/storage.ts";
import { accepted, inTurn, memoryIntake } from "../helpers/memory-intake.ts";
import { pushRaw, recordsOf } from "../helpers/memory-storage.ts";
import { flushRig, LOG, NOW, POINT } from "./flush-rig.ts";

const WRAPPED = "chouette:metrics:wrapped";
const LOGS = "chouette:logs:wrapped";
const OTHERS = { distributions: 0, events: 0, checks: 0 };
const nothing = {
  aggregated: { raw: 0, points: 0 },
  delivered: { metrics: 0, logs: 0, ...OTHERS, bytes: 0 },
};

describe("flush with bad records", () => {
  test("sets malformed records aside, counts them, and delivers the others", async () => {
    const intake = memoryIntake();
    const { json, count, queue, storage } = flushRig(intake);
    await pushRaw(storage, { timestamp: NOW, type: "nonsense" });
    await count(1);
    await queue(WRAPPED, "nonsense", POINT);
    await queue(LOGS, "[]", LOG);
    expect(await json()).toMatchObject({
      code: 0,
      result: {
        delivered: { metrics: 2, logs: 1 },
        remaining: { metrics: 0, logs: 0, ...OTHERS },
        dropped: { expired: 0, too_old: 0, rejected: 0, malformed: 3 },
        outcome: "delivered",
      },
    });
    expect(await recordsOf(storage, `${LOGS}:rejected`)).toEqual([
      { reason: "it is not a record of this queue", record: "[]" },
    ]);
  });

  test("counts records that the intake rejects apart from malformed ones", async () => {
    const bad: Delivery = { outcome: "bisect", status: 400, error: "bad series" };
    const intake = memoryIntake(inTurn(bad, accepted, bad));
    const { json, queue } = flushRig(intake);
    await queue(WRAPPED, POINT, POINT.replace("old.gauge", "bad.gauge"));
    expect(await json()).toMatchObject({
      code: 1,
      result: {
        delivered: { metrics: 1 },
        dropped: { expired: 0, too_old: 0, rejected: 1, malformed: 0 },
        outcome: "partial",
        errors: [expect.stringMatching(/^1 record .*: bad series$/)],
      },
    });
  });

  test("does not send expired records", async () => {
    const { json, count, queue } = flushRig(memoryIntake(), { METRIC_TTL: "50", LOG_TTL: "50" });
    await count(1, NOW - 60);
    await queue(WRAPPED, POINT);
    await queue(LOGS, LOG);
    expect(await json()).toMatchObject({
      code: 0,
      result: { ...nothing, remaining: { metrics: 0, logs: 0 }, dropped: { expired: 3 } },
    });
  });

  test.each([
    [{}, 0, 1],
    [{ HISTORICAL_METRICS: "true" }, 1, 0],
    [{ DATADOG_URL: "http://127.0.0.1:8428/datadog/api" }, 1, 0],
  ])(
    "with %j sends %i metrics of more than an hour ago and drops %i as too old",
    async (env, metrics, tooOld) => {
      const { json, count } = flushRig(memoryIntake(), env);
      await count(1, NOW - 4000);
      expect((await json()).result).toMatchObject({
        delivered: { metrics },
        dropped: { too_old: tooOld, expired: 0 },
        remaining: { metrics: 0 },
      });
    },
  );

  test("does not slow down for BACKLOG_BYTES_PER_SECOND: a person waits", async () => {
    const { json, clock, count } = flushRig(memoryIntake(), {
      BACKLOG_BYTES_PER_SECOND: "1",
      METRICS_BULK_SIZE: "1",
    });
    for (const age of [600, 700, 800]) await count(1, NOW - age);
    expect((await json()).result.delivered.metrics).toBe(3);
    expect(clock.now()).toBe(NOW);
  });

  test("delivers records that are repaired after the aggregation as well", async () => {
    const intake = memoryIntake();
    const { json, storage, count } = flushRig(intake);
    await count(1);
    let passes = 0;
    const broken: Storage = {
      ...storage,
      repair: async (queue) => {
        if (queue !== "chouette:metrics:raw" || ++passes !== 2) return [];
        await count(2);
        return [`${queue}: 1 value had no key and got one`];
      },
    };
    expect(await json({}, broken)).toMatchObject({
      code: 0,
      result: { aggregated: { raw: 2 }, remaining: { metrics: 0 } },
    });
    expect(intake.points["my.count"]?.map(([, value]) => value)).toEqual([1, 2]);
  });
});

describe("flush beside other processes", () => {
  const other = "812/120345/pid:[4026531836]/5c7f/pi4";

  test("waits until the agent is done", async () => {
    const { json, count, storage, clock } = flushRig();
    await storage.acquire({ name: "chouette:metrics:raw", owner: other }, 60);
    await count(1);
    expect(await json()).toMatchObject({ code: 0, result: { delivered: { metrics: 1 } } });
    expect(clock.now() - NOW).toBeGreaterThanOrEqual(60);
  });

  test("names the process that uses the queue when that takes too long", async () => {
    const { json, count, storage } = flushRig();
    await storage.acquire({ name: "chouette:metrics:raw", owner: other }, 60);
    await count(1);
    expect(await json({ timeout: 10 })).toMatchObject({
      code: 1,
      result: {
        remaining: { metrics: 1 },
        outcome: "failed",
        errors: [expect.stringMatching(/^aggregate: .*pid 812 on host pi4/)],
      },
    });
  });

  test("reports an unreachable storage once, and remaining records as unknown", async () => {
    const { json, storage } = flushRig();
    const gone = async () => {
      throw new StorageError("Redis is out of reach.");
    };
    const refusing = { commit: gone, peek: gone, size: gone, weight: gone, acquire: gone, repair: gone };
    const broken: Storage = { ...storage, ...refusing };
    expect(await json({}, broken)).toEqual({
      code: 1,
      noted: "",
      result: {
        ...nothing,
        dropped: { expired: 0, too_old: 0, rejected: 0, malformed: 0 },
        remaining: { metrics: null, logs: null, distributions: null, events: null, checks: null },
        outcome: "failed",
        errors: ["Redis is out of reach."],
      },
    });
  });

  test("notes the repairs of every queue", async () => {
    const { json, storage } = flushRig();
    const repaired = new Set<string>();
    const broken: Storage = {
      ...storage,
      repair: async (queue) => {
        if (repaired.has(queue)) return [];
        repaired.add(queue);
        return [`${queue}: 2 values had no key and got one`];
      },
    };
    expect(await json({}, broken)).toMatchObject({
      code: 0,
      noted: [
        "chouette:metrics:raw: 2 values had no key and got one",
        "chouette:metrics:wrapped: 2 values had no key and got one",
        "chouette:logs:wrapped: 2 values had no key and got one",
        "",
      ].join("\n"),
    });
  });
});
