import { expect, test } from "bun:test";
import { once } from "node:events";
import { timeLimit } from "../../src/datadog/time-limit.ts";

test("aborts after the seconds, and says so", async () => {
  const limit = timeLimit(0.01, new AbortController().signal);
  await once(limit.signal, "abort");
  expect(limit.signal.reason).toBe("did not answer within 0.01 s: check the network and its speed");
});

test("the seconds are said without the noise of a computed number", async () => {
  const limit = timeLimit(0.1 * 0.1, new AbortController().signal);
  await once(limit.signal, "abort");
  expect(limit.signal.reason).toBe("did not answer within 0.01 s: check the network and its speed");
});

test("says why it was given up, as the signal does", () => {
  const release = new AbortController();
  const limit = timeLimit(10, release.signal);
  release.abort(new Error("the release's 48 s are over"));
  expect(limit.signal.reason).toBe("was given up before it answered: the release's 48 s are over");
  limit.clear();
});

test.each([
  ["an Error without a message", new Error()],
  ["no Error", "a text"],
  ["none", undefined],
])("a reason without words adds none: %s", (_, reason) => {
  const stop = new AbortController();
  stop.abort(reason);
  const limit = timeLimit(10, stop.signal);
  expect(limit.signal.reason).toBe("was given up before it answered");
  limit.clear();
});

test("aborts with the signal, also with one that has aborted before", () => {
  const stop = new AbortController();
  const before = timeLimit(10, stop.signal);
  stop.abort();
  const after = timeLimit(10, stop.signal);
  for (const limit of [before, after]) {
    expect(limit.signal.reason).toBe("was given up before it answered");
    limit.clear();
  }
});

test("once it is cleared, neither the time nor the signal does anything", async () => {
  const stop = new AbortController();
  const cleared = timeLimit(0.01, stop.signal);
  cleared.clear();
  await once(timeLimit(0.02, new AbortController().signal).signal, "abort");
  stop.abort();
  expect(cleared.signal.aborted).toBe(false);
});
