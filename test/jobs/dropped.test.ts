import { expect, test } from "bun:test";
import { measureDropped } from "../../src/jobs/dropped.ts";
import { createSelfMetrics } from "../../src/jobs/self-metrics.ts";
import { readDropped } from "../../src/storage/counts/read-dropped.ts";
import { setUp as inspectRig } from "../commands/inspect-rig.ts";
import { memoryStorage, recordsOf } from "../helpers/memory-storage.ts";

const RAW = "chouette:metrics:raw";

test("what was dropped since the last measurement becomes chouette.dropped, by reason", async () => {
  const storage = memoryStorage();
  let key = 0;
  const selfMetrics = createSelfMetrics(
    () => 100,
    () => `k${key++}`,
  );
  const measured = async () => {
    await measureDropped(storage, selfMetrics);
    const records = (await recordsOf(storage, RAW)) as { metric: string; value: number; tags: unknown }[];
    return records.map(({ metric, value, tags }) => [metric, value, tags]);
  };
  expect(await measured()).toEqual([]);
  await storage.commit({ dropped: { expired: 3, malformed: 0 } });
  await storage.commit({ dropped: { expired: 2, rejected: 1 } });
  expect(await measured()).toEqual([
    ["chouette.dropped", 5, { reason: "expired" }],
    ["chouette.dropped", 1, { reason: "rejected" }],
  ]);
  await storage.commit({ dropped: { expired: 4 } });
  expect((await measured()).slice(2)).toEqual([["chouette.dropped", 4, { reason: "expired" }]]);
  expect((await measured()).length).toBe(3);
  expect(await readDropped(storage)).toEqual({ expired: 9, rejected: 1 });
});

test("inspect-queue shows what was dropped, as text and as JSON", async () => {
  const { storage, call } = inspectRig();
  await storage.commit({ dropped: { expired: 7, malformed: 1 } });
  expect((await call()).printed).toContain("dropped        7 (expired), 1 (malformed)");
  expect(JSON.parse((await call({ json: true })).printed).dropped).toEqual({ expired: 7, malformed: 1 });
});
