import { expect, test } from "bun:test";
import { memoryIntake } from "../helpers/memory-intake.ts";
import { recordsOf } from "../helpers/memory-storage.ts";
import { OTHER, START, setUp } from "./lanes-rig.ts";

test("an agent whose place was taken queues its open window for the other one to send", async () => {
  const intake = memoryIntake();
  const { storage, lease, captures, start, counted } = setUp(intake, {
    AGGREGATE_INTERVAL: "3600",
  });
  const { code, noted } = await start(async (count) => {
    counted("door", count);
    if (count > 1) return;
    await storage.release(lease);
    await storage.acquire({ ...lease, owner: OTHER }, 300);
  });
  expect({ code, noted }).toEqual({
    code: 1,
    noted: `another chouette run (the owner ${OTHER}) took this storage while this one was unresponsive; stopping\n`,
  });
  const queued = await recordsOf(storage, "chouette:metrics:wrapped");
  const total = captures.reduce((sum, _, index) => sum + index + 1, 0);
  const hour = Math.floor(START / 3600) * 3600;
  expect(queued).toContainEqual(expect.objectContaining({ metric: "door", points: [[hour, total]] }));
  expect([intake.points.door, await storage.acquire({ ...lease, owner: "third" }, 300)]).toEqual([
    undefined,
    OTHER,
  ]);
});
