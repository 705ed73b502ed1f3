import { expect, test } from "bun:test";
import { createBacklogPace } from "../../src/jobs/backlog-pace.ts";

test("a backlog waits after each request as long as its bytes should take", () => {
  const pace = createBacklogPace(100, () => 0.5);
  expect(pace.notBefore()).toBe(Number.NEGATIVE_INFINITY);
  expect(pace.sent(500, 1000)).toBe(5);
  expect(pace.notBefore()).toBe(1005);
  // Two queues have sent at the same time: the next request waits for both.
  expect(pace.sent(1000, 1001)).toBe(10);
  expect(pace.notBefore()).toBe(1015);
  expect(pace.sent(100, 2000)).toBe(1);
  expect(pace.notBefore()).toBe(2001);
});

test("pauses for a backlog differ between devices by half their length up and down", () => {
  const wait = (random: number) => {
    const pace = createBacklogPace(10, () => random);
    pace.sent(100, 0);
    return pace.notBefore();
  };
  expect([wait(0), wait(0.5), wait(1)]).toEqual([5, 10, 15]);
});
