import { describe, expect, test } from "bun:test";
import { afterEvent, initialState, nextStep, type SendEvent } from "../../src/jobs/send-state.ts";

const BULK = 1000;
const fresh = initialState(BULK);
const failed = (status: number, more = {}): SendEvent => ({
  type: "failed",
  delivery: { outcome: status === 0 ? "retry" : "hold", status, error: "no", ...more },
  now: 100,
  backoff: 4,
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
  test("a failure few records are sent, after the backoff or what the intake asks for", () => {
    const { failure, ...state } = after(failed(0));
    expect(state).toEqual({ size: 10, failures: 1, notBefore: 104, trusted: false });
    expect(failure?.error).toBe("no");
    expect(after(failed(429, { retryAfter: 30 })).notBefore).toBe(130);
    expect(after(failed(0), failed(0)).failures).toBe(2);
  });

  test.each([400, 413])("a hold for refused records (%i) the whole bulk is sent again", (status) => {
    expect(after(failed(status)).size).toBe(BULK);
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
    expect(afterEvent(state, { type: "all accepted", records, seconds, aim: 10 }, BULK)).toEqual({
      size,
      failures: 0,
      notBefore: 104,
      failure: undefined,
      trusted: false,
    });
  });

  test("a small batch that was fast the next one is not smaller than before", () => {
    const state = afterEvent(fresh, { type: "all accepted", records: 5, seconds: 2, aim: 10 }, BULK);
    expect(state.size).toBe(BULK);
  });

  test("an acceptance the intake is trusted until a rejection or a failure", () => {
    expect(after({ type: "accepted" }).trusted).toBe(true);
    expect(after({ type: "accepted" }, { type: "rejected" }).trusted).toBe(false);
    expect(after({ type: "accepted" }, failed(0)).trusted).toBe(false);
  });
});
