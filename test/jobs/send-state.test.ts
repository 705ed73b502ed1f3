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

  test("is to send a bulk when nothing has failed", () => {
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

  test("a batch that was accepted the next one is larger, up to the bulk", () => {
    expect(after(failed(0), { type: "all accepted" })).toEqual({
      size: 40,
      failures: 0,
      notBefore: 104,
      failure: undefined,
      trusted: false,
    });
    expect(after({ type: "all accepted" }).size).toBe(BULK);
  });

  test("an acceptance the intake is trusted until a rejection or a failure", () => {
    expect(after({ type: "accepted" }).trusted).toBe(true);
    expect(after({ type: "accepted" }, { type: "rejected" }).trusted).toBe(false);
    expect(after({ type: "accepted" }, failed(0)).trusted).toBe(false);
  });
});
