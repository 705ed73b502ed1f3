import { expect, test } from "bun:test";
import { createArrivals } from "../../src/jobs/arrivals.ts";
import type { NewRecord } from "../../src/storage/storage.ts";
import { memoryStorage } from "../helpers/memory-storage.ts";

const EVENTS = "chouette:events:wrapped";
const CHECKS = "chouette:checks:wrapped";
const record = (key: string, body = "{}"): NewRecord => ({ key, at: 100, body });

test("what arrives is stored in the queue of its kind", async () => {
  const storage = memoryStorage(() => 100);
  const arrivals = createArrivals();
  arrivals.put(EVENTS, record("a"));
  arrivals.put(CHECKS, record("b"));
  arrivals.put(EVENTS, record("c"));
  await arrivals.store(storage);
  expect([(await storage.size(EVENTS)).count, (await storage.size(CHECKS)).count]).toEqual([2, 1]);
});

test("what the storage did not take stays, and is stored once", async () => {
  const storage = memoryStorage(() => 100);
  const arrivals = createArrivals();
  arrivals.put(EVENTS, record("a"));
  const failing = { commit: () => Promise.reject(new Error("full")) };
  await expect(arrivals.store(failing)).rejects.toThrow("full");
  arrivals.put(EVENTS, record("b"));
  await arrivals.store(storage);
  await arrivals.store(failing);
  expect((await storage.size(EVENTS)).count).toBe(2);
});

test("no more is taken than fits, and something again once that is stored", async () => {
  const arrivals = createArrivals();
  const large = "x".repeat(1_000_000);
  const taken = Array.from({ length: 6 }, (_, key) => arrivals.put(EVENTS, record(`${key}`, large)));
  expect(taken).toEqual([true, true, true, true, false, false]);
  await arrivals.store(memoryStorage(() => 100));
  expect(arrivals.put(EVENTS, record("later", large))).toBeTrue();
});
