import { describe, expect, test } from "bun:test";
import type { Delivery } from "../../src/datadog/delivery.ts";
import { afterEvent, initialState, nextStep, type SendEvent } from "../../src/jobs/send-state.ts";

const BULK = 1000;
const fresh = initialState(BULK);
const NOW = 100;
const failed = (status: number, more: Partial<Delivery> = {}, records = BULK): SendEvent => ({
  type: "failed",
  delivery: { outcome: status === 0 ? "retry" : "hold", status, error: "no", ...more },
  records,
  now: NOW,
  backoff: 4,
});
const stalled = (records: number) => failed(0, { unanswered: true }, records);
const allAccepted = (records: number, seconds = 0.01): SendEvent => ({
  type: "all accepted",
  records,
  seconds,
  aim: 10,
});
const after = (...events: SendEvent[]) =>
  events.reduce((state, event) => afterEvent(state, event, BULK), fresh);

describe("the next step of a release", () => {
  const limits = { now: 100, end: 148, attempts: 3, longestPause: 60 };

  test("is to send when nothing has failed", () => {
    expect(nextStep(fresh, limits)).toEqual({ do: "send", records: BULK });
  });

  test("is to rest until the backoff is over, 30 seconds at a time", () => {
    expect(nextStep({ ...fresh, notBefore: 104 }, limits)).toEqual({ do: "rest", seconds: 4 });
    expect(nextStep({ ...fresh, notBefore: 147 }, limits)).toEqual({ do: "rest", seconds: 30 });
    expect(nextStep({ ...fresh, notBefore: 100 }, limits)).toEqual({ do: "send", records: BULK });
  });

  test.each([
    ["no attempt is left", fresh, { attempts: 0 }],
    ["the release is over before the rest is", { ...fresh, notBefore: 148 }, {}],
    ["the rest is longer than allowed", { ...fresh, notBefore: 120 }, { longestPause: 10 }],
  ])("is to end when %s", (_, state, more) => {
    expect(nextStep(state, { ...limits, ...more })).toEqual({ do: "end" });
  });
});

describe("after", () => {
  test("a failure nothing is sent before the backoff is over, or what the intake asks for", () => {
    expect(after(failed(0))).toEqual({
      ...fresh,
      failures: 1,
      notBefore: 104,
      failure: { outcome: "retry", status: 0, error: "no" },
    });
    expect(after(failed(429, { retryAfter: 30 })).notBefore).toBe(130);
    expect(after(failed(0), failed(0)).failures).toBe(2);
  });

  test("an outage the backoff is short again once the intake is reached", () => {
    expect(after(failed(0), failed(0), stalled(10)).failures).toBe(1);
    expect(after(failed(0), failed(503), failed(503)).failures).toBe(2);
    expect(after(failed(0), stalled(10), failed(0), failed(0)).failures).toBe(3);
  });

  test("a refusal few records are sent, and what went through before once they are accepted", () => {
    const limits = { now: 200, end: 300, attempts: 1, longestPause: 60 };
    const sends = (state: typeof fresh) => nextStep(state, limits);
    expect(sends(after(failed(503)))).toEqual({ do: "send", records: 10 });
    expect(sends(after(failed(503), failed(0)))).toEqual({ do: "send", records: 10 });
    expect(sends(after(failed(503), allAccepted(10)))).toEqual({ do: "send", records: BULK });
    expect(sends(after(failed(0)))).toEqual({ do: "send", records: BULK });
  });

  test.each([400, 413])("a hold for refused records (%i) the whole bulk is sent again", (status) => {
    expect(after(stalled(100), failed(status)).size).toBe(BULK);
  });

  test.each([
    ["is larger, at most four times, when it was fast", 10, 0.01, 40],
    ["is as large as the network carries in the time that is aimed at", 10, 5, 20],
    ["is smaller when it was slow", 40, 20, 20],
    ["is at least a quarter of one that was very slow", 400, 1000, 100],
    ["has at least ten records", 20, 1000, 10],
    ["has at most a bulk", 800, 1, BULK],
  ])("a batch that was accepted the next one %s", (_, records, seconds, size) => {
    const state = { ...after(failed(0)), size: records };
    expect(afterEvent(state, allAccepted(records, seconds), BULK)).toEqual({
      ...fresh,
      notBefore: 104,
      proven: records,
      size,
    });
  });

  test("a small batch that was fast the next one is not smaller than before", () => {
    expect(after(allAccepted(5, 2)).size).toBe(BULK);
  });

  test("an acceptance the intake is trusted until a rejection or a failure", () => {
    expect(after({ type: "accepted" }).trusted).toBe(true);
    expect(after({ type: "accepted" }, { type: "rejected" }).trusted).toBe(false);
    expect(after({ type: "accepted" }, failed(0)).trusted).toBe(false);
  });
});

describe("a batch without an answer", () => {
  test("is followed by few records, and then by sizes between what got through and what did not", () => {
    expect(after(stalled(1000)).size).toBe(10);
    expect(after(stalled(1000), allAccepted(10)).size).toBe(40);
    expect(after(stalled(1000), allAccepted(10), allAccepted(40)).size).toBe(160);
    expect(after(stalled(1000), allAccepted(10), allAccepted(40), allAccepted(160)).size).toBe(400);
    const known = { ...after(stalled(1000)), size: 700 };
    expect(afterEvent(known, allAccepted(400), BULK).size).toBe(632);
    expect(afterEvent(known, allAccepted(700), BULK).size).toBe(700);
  });

  test("is followed by the size that got through before, and without an answer to that by few records", () => {
    expect(after(allAccepted(60), stalled(200)).size).toBe(60);
    expect(after(allAccepted(60), stalled(200), stalled(60)).size).toBe(10);
  });

  test("is tried again after eight smaller ones, after 64 when it is not answered again", () => {
    const accepted = (count: number) => Array.from({ length: count }, () => allAccepted(30));
    const limited = [stalled(40), ...accepted(7)];
    expect(after(...limited).size).toBe(30);
    expect(after(...limited, ...accepted(1)).size).toBe(40);
    const again = [...limited, ...accepted(1), stalled(40)];
    expect(after(...again, ...accepted(63)).size).toBe(30);
    expect(after(...again, ...accepted(64)).size).toBe(40);
  });

  test("is raised by a half once as large a one gets through, up to a bulk", () => {
    expect(after(stalled(40), allAccepted(30), allAccepted(40)).ceiling).toEqual({
      records: 60,
      accepted: 0,
      strikes: 0,
    });
    expect(after(stalled(40), allAccepted(30), allAccepted(40)).size).toBe(40);
    expect(after(stalled(600), allAccepted(700)).ceiling).toBeUndefined();
  });

  test("says nothing about sizes when it had few records", () => {
    expect(after(stalled(10)).ceiling).toBeUndefined();
    expect(after(stalled(400), stalled(10)).ceiling?.records).toBe(400);
  });

  /** Sizes of batches over a path, which answers when `passes` says so. */
  const batches = (count: number, passes: (size: number, n: number) => boolean) => {
    let state = fresh;
    return Array.from({ length: count }, (_, n) => {
      const { size } = state;
      const passed = passes(size, n);
      state = afterEvent(state, passed ? allAccepted(size) : stalled(size), BULK);
      return { size, passed };
    });
  };

  test.each([12, 60, 333, 900])("is rare where the path takes %i records, of which most are used", (most) => {
    const sent = batches(1000, (size) => size <= most);
    expect(sent.filter(({ passed }) => !passed).length).toBeLessThan(12);
    const used = sent.slice(20).filter(({ passed }) => passed);
    const mean = used.reduce((sum, { size }) => sum + size, 0) / used.length;
    expect(mean * 1.5).toBeGreaterThanOrEqual(most);
  });

  test("does not keep the sizes small where each twentieth is lost, whatever its size", () => {
    const sent = batches(1000, (_, n) => n % 20 !== 0);
    const mean = sent.reduce((sum, { size }) => sum + size, 0) / sent.length;
    expect(mean).toBeGreaterThan(BULK / 2);
  });
});
