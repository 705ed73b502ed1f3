import { expect, test } from "bun:test";
import { countDropped, readDropped } from "../../src/jobs/dropped.ts";
import { createSelfMetrics } from "../../src/jobs/self-metrics.ts";
import { setUp as inspectRig } from "../commands/inspect-rig.ts";
import { memoryStorage, recordsOf } from "../helpers/memory-storage.ts";

const RAW = "chouette:metrics:raw";
const LOGS = "chouette:logs:wrapped";

test("dropped records are counted by reason over all queues, and are self-metrics", async () => {
  const storage = memoryStorage();
  let key = 0;
  const selfMetrics = createSelfMetrics(
    () => 100,
    () => `k${key++}`,
  );
  await countDropped({ storage, selfMetrics }, RAW, { expired: 3, malformed: 0 });
  await countDropped({ storage, selfMetrics }, LOGS, { expired: 2, rejected: 1 });
  await countDropped({ storage, selfMetrics }, RAW, { expired: 4 });
  expect(await readDropped(storage)).toEqual({ expired: 9, rejected: 1 });
  const records = (await recordsOf(storage, RAW)) as { metric: string; value: number; tags: unknown }[];
  expect(records.map(({ metric, value, tags }) => [metric, value, tags])).toEqual([
    ["chouette.dropped", 3, { reason: "expired" }],
    ["chouette.dropped", 2, { reason: "expired" }],
    ["chouette.dropped", 1, { reason: "rejected" }],
    ["chouette.dropped", 4, { reason: "expired" }],
  ]);
});

test("nothing is written when nothing was dropped, nor a metric when Chouette does not measure itself", async () => {
  const storage = memoryStorage();
  await countDropped({ storage, selfMetrics: undefined }, RAW, { expired: 0 });
  expect(await storage.notes("")).toEqual({});
  await countDropped({ storage, selfMetrics: undefined }, RAW, { overflow: 2 });
  expect([await readDropped(storage), await recordsOf(storage, RAW)]).toEqual([{ overflow: 2 }, []]);
});

test("inspect-queue shows what was dropped, as text and as JSON", async () => {
  const { storage, call } = inspectRig();
  await countDropped({ storage, selfMetrics: undefined }, RAW, { expired: 7, malformed: 1 });
  expect((await call()).printed).toContain("dropped        7 (expired), 1 (malformed)");
  expect(JSON.parse((await call({ json: true })).printed).dropped).toEqual({ expired: 7, malformed: 1 });
});
