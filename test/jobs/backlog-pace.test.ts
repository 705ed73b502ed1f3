import { expect, test } from "bun:test";
import { createBacklogPace } from "../../src/jobs/backlog-pace.ts";
import type { Pace, Reports } from "../../src/jobs/jobs.ts";
import { createOutbox } from "../../src/jobs/outbox.ts";
import { appJobs, appWrapper } from "../../src/start/components.ts";
import { load } from "../config/load.ts";
import { testClock } from "../helpers/clock.ts";
import { memoryIntake } from "../helpers/memory-intake.ts";
import { memoryStorage } from "../helpers/memory-storage.ts";
import { NOW, WRAPPED } from "./send-rig.ts";

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

const PACE: Omit<Pace, "paced"> = {
  openWindow: false,
  selfMetrics: false,
  patience: 0,
  seconds: 48,
  letFinish: true,
  until: Number.POSITIVE_INFINITY,
  longestPause: Number.POSITIVE_INFINITY,
  attempts: Number.POSITIVE_INFINITY,
};

const REPORTS: Reports = {
  plugin: () => {},
  aggregating: () => {},
  aggregated: () => {},
  sending: () => {},
  sent: () => {},
  repaired: () => {},
  manyTags: () => {},
};

test.each([
  [true, 1],
  [false, 10],
])(
  "BACKLOG_BYTES_PER_SECOND holds for the agent, not for a pass that takes everything (%p)",
  async (paced, requests) => {
    const config = load({ HOST: "pi4", BACKLOG_BYTES_PER_SECOND: "1", METRICS_BULK_SIZE: "1" });
    const clock = testClock(NOW);
    const storage = memoryStorage(clock.now);
    const intake = memoryIntake();
    const wrapper = await appWrapper(config, async () => {});
    const parts = { clock, storage, intake, outbox: createOutbox(), plugins: [], wrapper };
    const [metrics] = appJobs(config, parts, { ...PACE, paced }, REPORTS).sends;
    const point = (age: number) =>
      JSON.stringify({ metric: "m", tags: [], points: [[NOW - age, age]], type: "gauge" });
    const ages = Array.from({ length: 10 }, (_, n) => 600 + n);
    const records = ages.map((age) => ({ key: `k${age}`, at: NOW - age, body: point(age) }));
    await storage.commit({ add: [{ queue: WRAPPED, records }] });
    await metrics?.run(NOW, new AbortController().signal);
    expect(intake.bodies.length).toBe(requests);
  },
);
