import { afterEach, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startRedis } from "../../scripts/servers/redis-server.ts";
import { parseRedisUrl } from "../../src/redis/address.ts";
import { type Bounds, bounded, countRecords } from "../../src/storage/bounded.ts";
import { readDropped } from "../../src/storage/counts/read-dropped.ts";
import { openRedis } from "../../src/storage/redis/redis.ts";
import { openSqlite } from "../../src/storage/sqlite/sqlite.ts";
import type { DataQueue, Storage } from "../../src/storage/storage.ts";
import { peekKeys, RAW, record, WRAPPED } from "./rig.ts";

const LOGS = "chouette:logs:wrapped";

const cleanup: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanup.splice(0).reverse()) await step();
});

/** The storage within its bounds, and how many records it said to have dropped, by queue. */
function within(storage: Storage, bounds: Partial<Bounds> & Pick<Bounds, "most" | "unit">) {
  const overflow: Partial<Record<DataQueue, number>> = {};
  const used =
    bounds.unit === "bytes" ? async () => (await storage.bytes()) ?? 0 : () => countRecords(storage);
  const subject = bounded(
    storage,
    { used, left: async () => undefined, every: 0, ...bounds },
    {
      now: () => 0,
      onOverflow: (queue, records) => {
        overflow[queue] = (overflow[queue] ?? 0) + records;
      },
    },
  );
  return { subject, overflow };
}

const deps = { now: () => 0, fateOf: () => "unknown" as const, warn: () => {} };

async function database(): Promise<Storage> {
  const dir = await mkdtemp(join(tmpdir(), "chouette-bounded-"));
  const storage = openSqlite(join(dir, "chouette.db"), deps);
  cleanup.push(
    () => rm(dir, { recursive: true }),
    () => storage.close(),
  );
  return storage;
}

async function redis(): Promise<Storage> {
  const server = await startRedis();
  const storage = openRedis(parseRedisUrl(server.url), { ...deps, onState: () => {} });
  cleanup.push(
    () => server.stop(),
    () => storage.close(),
  );
  return storage;
}

const key = (n: number) => `k${String(n).padStart(6, "0")}`;

/** Adds records with bodies that cannot be deflated, 100 at a time, at the times from `from` to `to`. */
async function fill(storage: Storage, queue: DataQueue, from: number, to: number): Promise<void> {
  for (let at = from; at < to; at += 100)
    await storage.commit({
      add: [
        {
          queue,
          records: Array.from({ length: Math.min(100, to - at) }, (_, n) =>
            record(key(at + n), at + n, "x".repeat(500)),
          ),
        },
      ],
    });
}

describe("QUEUE_MAX_BYTES", () => {
  test("keeps the database below it: the oldest records go, of whichever queue, and each is counted", async () => {
    const storage = await database();
    const { subject, overflow } = within(storage, { most: 1_000_000, unit: "bytes" });
    await fill(subject, LOGS, 0, 400);
    await fill(subject, WRAPPED, 400, 4000);
    expect(await storage.bytes()).toBeLessThan(1_000_000);
    const [logs, points] = [await peekKeys(storage, LOGS), await peekKeys(storage, WRAPPED)];
    expect(logs).toEqual([]);
    expect(points.at(-1)).toBe(key(3999));
    expect(points[0]).toBe(key(4000 - points.length));
    expect(overflow).toEqual({ [LOGS]: 400, [WRAPPED]: 3600 - points.length });
    expect(await readDropped(storage)).toEqual({ overflow: 4000 - points.length });
  });

  test("what is far beyond it, as after a smaller limit, goes in bounded steps", async () => {
    const storage = await database();
    await fill(storage, WRAPPED, 0, 12_000);
    const { subject } = within(storage, { most: 1_000_000, unit: "bytes" });
    await subject.commit({ add: [{ queue: RAW, records: [record("new", 12_000)] }] });
    expect((await storage.size(WRAPPED)).count).toBe(8000);
    for (let n = 0; n < 3; n++)
      await subject.commit({ add: [{ queue: RAW, records: [record(`new-${n}`, 12_000)] }] });
    expect(await storage.bytes()).toBeLessThan(1_000_000);
    expect((await storage.size(RAW)).count).toBe(4);
  });

  test("on a disk of which only a tenth is left nothing is added, and what is there is still sent", async () => {
    const storage = await database();
    let left = 1;
    const { subject } = within(storage, { most: 1e9, unit: "bytes", left: async () => left });
    await fill(subject, WRAPPED, 0, 10);
    left = -1;
    await expect(fill(subject, WRAPPED, 10, 20)).rejects.toThrow("df -h");
    await subject.commit({
      remove: [{ queue: WRAPPED, keys: [key(0)] }],
      add: [{ queue: RAW, records: [record("own", 1)] }],
    });
    expect([(await storage.size(WRAPPED)).count, await peekKeys(storage, RAW)]).toEqual([9, ["own"]]);
    const used = (await storage.bytes()) ?? 0;
    expect(await subject.room()).toEqual({ used, most: used, unit: "bytes" });
    left = 1000;
    expect((await subject.room())?.most).toBe(used + 1000);
  });
});

describe("QUEUE_MAX_RECORDS", () => {
  test("keeps so many records in Redis: the oldest go, also those that applications wrote, and each is counted", async () => {
    const storage = await redis();
    const { subject, overflow } = within(storage, { most: 1000, unit: "records" });
    // As an application does, past the agent.
    await fill(storage, RAW, 0, 700);
    await fill(subject, WRAPPED, 700, 1200);
    expect([(await storage.size(RAW)).count, (await storage.size(WRAPPED)).count]).toEqual([500, 500]);
    await fill(storage, RAW, 1200, 1900);
    await subject.repair(RAW);
    expect(await countRecords(storage)).toBe(1000);
    expect((await peekKeys(storage, WRAPPED))[0]).toBe(key(900));
    expect(overflow).toEqual({ [RAW]: 700, [WRAPPED]: 200 });
    expect(await readDropped(storage)).toEqual({ overflow: 900 });
    expect(await subject.room()).toEqual({ used: 1000, most: 1000, unit: "records" });
  });
});
