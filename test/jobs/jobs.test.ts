import { expect, test } from "bun:test";
import { setUp } from "../agent/lanes-rig.ts";
import { memoryIntake } from "../helpers/memory-intake.ts";

test("an agent says that it is up at once, and then every five minutes", async () => {
  const intake = memoryIntake();
  const { start, stop } = setUp(intake, { SEND_SELF_METRICS: "true" });
  // Every 30 s: eleven minutes.
  await start((count) => {
    if (count === 22) stop.abort();
  });
  const checks = intake.taken.filter(({ track }) => track === "checks").map(({ body }) => body);
  expect(checks).toMatchObject(Array(3).fill([{ check: "chouette.up", status: 0, host_name: "pi4" }]));
});
