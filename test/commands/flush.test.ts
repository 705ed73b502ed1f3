import { describe, expect, test } from "bun:test";
import type { Delivery } from "../../src/datadog/delivery.ts";
import { accepted, inTurn, memoryIntake } from "../helpers/memory-intake.ts";
import { pushRaw, recordsOf } from "../helpers/memory-storage.ts";
import { flushRig, LOG, NOW, POINT, WINDOW } from "./flush-rig.ts";

const WRAPPED = "chouette:metrics:wrapped";
const LOGS = "chouette:logs:wrapped";
const unheard: Delivery = { outcome: "retry", status: 0, error: "the network is down" };
const forbidden: Delivery = { outcome: "hold", status: 403, error: "the API key is not valid" };

const bytes = expect.any(Number);
const OTHERS = { distributions: 0, events: 0, checks: 0 };
const nothing = {
  aggregated: { raw: 0, points: 0 },
  delivered: { metrics: 0, logs: 0, ...OTHERS, bytes: 0 },
};
const empty = {
  remaining: { metrics: 0, logs: 0, ...OTHERS },
  dropped: { expired: 0, too_old: 0, rejected: 0, malformed: 0 },
  outcome: "delivered" as const,
  errors: [],
};

describe("flush delivers", () => {
  test("nothing from empty queues", async () => {
    const intake = memoryIntake();
    const { json } = flushRig(intake);
    expect(await json()).toEqual({ code: 0, noted: "", result: { ...nothing, ...empty } });
    expect(intake.bodies.length).toBe(0);
  });

  test("raw metrics of the open window and of earlier ones, points and logs", async () => {
    const intake = memoryIntake();
    const { json, count, queue } = flushRig(intake);
    await count(1, NOW - 3000);
    await count(2, NOW - 1);
    await count(3, NOW);
    await queue(WRAPPED, POINT);
    await queue(LOGS, LOG, LOG);
    expect(await json()).toEqual({
      code: 0,
      noted: "",
      result: {
        ...empty,
        aggregated: { raw: 3, points: 2 },
        delivered: { metrics: 3, logs: 2, ...OTHERS, bytes },
      },
    });
    expect(intake.points).toEqual({
      "my.count": [
        [WINDOW, 5],
        [WINDOW - 3000, 1],
      ],
      "old.gauge": [[NOW - 101, 7]],
    });
    expect(intake.logs).toEqual(
      Array(2).fill({ ...JSON.parse(LOG), ddtags: "a:b", hostname: "pi4", status: "info" }),
    );
  });

  test("two series with too many tags, and says it once", async () => {
    const { json, storage } = flushRig();
    const tags = Object.fromEntries(Array.from({ length: 140 }, (_, index) => [`t${index}`, index]));
    await pushRaw(
      storage,
      { metric: "a", timestamp: NOW - 60, tags },
      { metric: "b", timestamp: NOW - 60, tags },
    );
    const { code, noted } = await json();
    expect([code, noted]).toEqual([0, expect.stringMatching(/^[ab] has 140 tags.*100.*\n$/)]);
  });

  test("a metric stamped a little ahead of this clock", async () => {
    const intake = memoryIntake();
    const { json, count } = flushRig(intake);
    await count(4, NOW + 60);
    expect(await json()).toMatchObject({ code: 0, result: { aggregated: { raw: 1, points: 1 } } });
    expect(intake.points).toEqual({ "my.count": [[WINDOW + 60, 4]] });
  });

  test("every count once, with one value per second, when it is called again in the same window", async () => {
    const intake = memoryIntake();
    const { call, count, clock } = flushRig(intake);
    for (let n = 1; n <= 12; n++) {
      await count(n, Math.min(NOW, clock.now()));
      expect((await call()).code).toBe(0);
    }
    const seconds = intake.points["my.count"]?.map(([second]) => second) ?? [];
    expect(new Set(seconds).size).toBe(12);
    expect(intake.points["my.count"]?.reduce((sum, [, value]) => sum + value, 0)).toBe(78);
    // The eleventh waited for the next window, which has a second that is free.
    expect(clock.slept.filter((wait) => wait <= 10)).toContain(5);
  });

  test("a long queue in several requests", async () => {
    const intake = memoryIntake();
    const { json, storage } = flushRig(intake, { METRICS_BULK_SIZE: "10" });
    await pushRaw(
      storage,
      ...Array.from({ length: 35 }, (_, n) => ({ metric: `m${n}`, timestamp: NOW - 20 })),
    );
    expect(await json()).toMatchObject({ code: 0, result: { delivered: { metrics: 35 } } });
    expect(intake.bodies.length).toBe(4);
  });
});

describe("flush keeps what it cannot deliver and says why", () => {
  test("when the intake refuses the key: one attempt each for metrics and logs", async () => {
    const intake = memoryIntake(() => forbidden);
    const { json, count, queue, storage } = flushRig(intake);
    await count(1);
    await queue(LOGS, LOG);
    expect(await json()).toEqual({
      code: 1,
      noted: "",
      result: {
        ...empty,
        ...nothing,
        aggregated: { raw: 1, points: 1 },
        remaining: { metrics: 1, logs: 1, ...OTHERS },
        outcome: "failed",
        errors: ["the API key is not valid"],
      },
    });
    expect(intake.bodies.length).toBe(2);
    expect(await recordsOf(storage, WRAPPED)).toEqual([
      { metric: "my.count", tags: [], points: [[WINDOW, 1]], type: "count", interval: 10, host: "pi4" },
    ]);
  });

  test("when the intake is unreachable, after three attempts", async () => {
    const intake = memoryIntake(() => unheard);
    const { json, count } = flushRig(intake);
    await count(1);
    expect(await json()).toMatchObject({
      code: 1,
      result: { remaining: { metrics: 1, logs: 0 }, outcome: "failed", errors: ["the network is down"] },
    });
    expect(intake.bodies.length).toBe(3);
  });

  test("unless the third attempt succeeds", async () => {
    const { json, count } = flushRig(memoryIntake(inTurn(unheard, unheard, accepted)));
    await count(1);
    expect(await json()).toMatchObject({ code: 0, result: { ...empty, delivered: { metrics: 1 } } });
  });

  test("when the intake accepts a part, and the next call delivers the rest", async () => {
    let answer = forbidden;
    const intake = memoryIntake(inTurn(accepted, () => answer));
    const { json, count, queue } = flushRig(intake);
    await count(1);
    await queue(LOGS, LOG);
    expect(await json()).toMatchObject({
      code: 1,
      result: { delivered: { metrics: 1, logs: 0 }, remaining: { metrics: 0, logs: 1 }, outcome: "partial" },
    });
    answer = accepted;
    expect(await json()).toMatchObject({ code: 0, result: { ...empty, delivered: { metrics: 0, logs: 1 } } });
  });

  test("when records arrive while it runs", async () => {
    const intake = memoryIntake(() => {
      void queue(WRAPPED, POINT);
      return accepted;
    });
    const { json, queue } = flushRig(intake);
    await queue(LOGS, LOG);
    expect(await json()).toMatchObject({
      code: 1,
      result: {
        remaining: { metrics: 1, logs: 0 },
        outcome: "partial",
        errors: [expect.stringContaining("again")],
      },
    });
  });

  test("when it is interrupted", async () => {
    const { json, count, stop } = flushRig();
    await count(1);
    stop.abort();
    expect(await json()).toMatchObject({
      code: 1,
      result: { remaining: { metrics: 1, logs: 0 }, outcome: "failed", errors: ["interrupted"] },
    });
  });
});

describe("--timeout", () => {
  test("ends a flush that would wait for the intake", async () => {
    const later: Delivery = { outcome: "retry", status: 429, error: "too many requests", retryAfter: 3600 };
    const { json, count, clock } = flushRig(memoryIntake(() => later));
    await count(1);
    expect(await json({ timeout: 20 })).toMatchObject({ code: 1, result: { errors: ["too many requests"] } });
    expect(clock.now() - NOW).toBeLessThan(21);
  });

  test("leaves the rest in the queues", async () => {
    const slow = () => clock.sleep(8, new AbortController().signal).then(() => accepted);
    const { json, storage, clock } = flushRig(memoryIntake(slow), { METRICS_BULK_SIZE: "1" });
    await pushRaw(storage, ...["a", "b", "c", "d"].map((metric) => ({ metric, timestamp: NOW - 20 })));
    const { code, result } = await json({ timeout: 10 });
    expect({ code, outcome: result.outcome }).toEqual({ code: 1, outcome: "partial" });
    expect(result.errors).toEqual([expect.stringMatching(/10 s .*--timeout/)]);
    expect(result.delivered.metrics + (result.remaining.metrics ?? 0)).toBe(4);
  });
});
