import { expect, test } from "bun:test";
import { aborted, deadline } from "../../src/schedule/deadline.ts";
import { manualClock } from "../helpers/clock.ts";

test("a deadline aborts when its time is over", async () => {
  const clock = manualClock(0);
  const limit = deadline(clock, 10, new AbortController().signal);
  clock.advance(9);
  expect(limit.signal.aborted).toBe(false);
  clock.advance(1);
  await aborted(limit.signal);
  expect(limit.signal.aborted).toBe(true);
});

test("a deadline aborts some seconds after the stop, if that is earlier", async () => {
  const clock = manualClock(0);
  const stop = new AbortController();
  const limit = deadline(clock, 100, stop.signal, 5);
  stop.abort();
  expect(limit.signal.aborted).toBe(false);
  clock.advance(5);
  await aborted(limit.signal);
  expect(limit.signal.aborted).toBe(true);
});

test("a cleared deadline leaves no timer and never aborts", () => {
  const clock = manualClock(0);
  const limit = deadline(clock, 10, new AbortController().signal);
  limit.clear();
  expect(clock.sleepers()).toBe(0);
  clock.advance(100);
  expect(limit.signal.aborted).toBe(false);
});
