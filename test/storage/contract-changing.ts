import { beforeEach, describe, expect, test } from "bun:test";
import { LeaseLost, StorageError } from "../../src/errors.ts";
import type { Storage } from "../../src/storage/storage.ts";
import { ALL, add, peekKeys, RAW, type Rig, record, WRAPPED } from "./rig.ts";

const REJECTED = "chouette:metrics:raw:rejected";

/** Tests of commit and expire, and of rejected commits. */
export function testChanging(rig: () => Rig): void {
  let storage: Storage;
  beforeEach(() => {
    storage = rig().storage;
  });

  describe("commit", () => {
    test("does nothing for an empty change", async () => {
      await storage.commit({});
      await storage.commit({ remove: [], add: [{ queue: RAW, records: [] }], stamps: [], notes: {} });
      expect(await storage.size(RAW)).toEqual({ count: 0, oldest: undefined, newest: undefined });
    });

    test("replaces a record that has the same key, in the same queue only", async () => {
      await add(storage, RAW, record("k", 1, "old"), record("l", 2));
      await add(storage, WRAPPED, record("k", 1, "other"));
      await add(storage, RAW, record("k", 3, "new"), record("k", 4, "newer"));
      expect(await storage.peek(RAW, ALL)).toEqual([
        { key: "l", at: 2, body: '"l"', bytes: 3 },
        { key: "k", at: 4, body: "newer", bytes: 5 },
      ]);
      expect(await storage.peek(WRAPPED, ALL)).toEqual([{ key: "k", at: 1, body: "other", bytes: 5 }]);
    });

    test("removes keys and ignores unknown ones", async () => {
      await add(storage, RAW, record("a", 1), record("b", 2), record("c", 3));
      await storage.commit({ remove: [{ queue: RAW, keys: ["c", "nobody", "a", "a"] }] });
      expect(await peekKeys(storage, RAW)).toEqual(["b"]);
    });

    test("removes before it adds", async () => {
      await add(storage, RAW, record("k", 1, "old"));
      await storage.commit({
        add: [{ queue: RAW, records: [record("k", 2, "new")] }],
        remove: [{ queue: RAW, keys: ["k"] }],
      });
      expect(await storage.peek(RAW, ALL)).toEqual([{ key: "k", at: 2, body: "new", bytes: 3 }]);
    });

    test("does everything in one change, on several queues", async () => {
      await add(storage, RAW, record("a", 1), record("b", 2));
      await add(storage, WRAPPED, record("w", 1));
      await storage.commit({
        remove: [
          { queue: RAW, keys: ["a"] },
          { queue: WRAPPED, keys: ["w"] },
          { queue: RAW, keys: ["b"] },
        ],
        add: [
          { queue: WRAPPED, records: [record("p", 10)] },
          { queue: "chouette:logs:wrapped", records: [record("l", 11)] },
          { queue: WRAPPED, records: [record("q", 9)] },
        ],
        stamps: [20, 10],
        notes: { delivery: "ok", other: "" },
      });
      expect(await peekKeys(storage, RAW)).toEqual([]);
      expect(await peekKeys(storage, WRAPPED)).toEqual(["q", "p"]);
      expect(await peekKeys(storage, "chouette:logs:wrapped")).toEqual(["l"]);
      expect(await storage.stamps(0, 100)).toEqual([10, 20]);
      expect([await storage.note("delivery"), await storage.note("other")]).toEqual(["ok", ""]);
    });

    test("removes and adds 20,000 records in one change", async () => {
      const records = Array.from({ length: 20_000 }, (_, i) => record(`key-${i}`, i));
      await add(storage, RAW, ...records);
      const keys = records.map(({ key }) => key);
      await storage.commit({
        remove: [{ queue: RAW, keys }],
        add: [{ queue: WRAPPED, records: records.slice(0, 10_000) }],
      });
      expect(await storage.size(RAW)).toEqual({ count: 0, oldest: undefined, newest: undefined });
      expect(await storage.size(WRAPPED)).toEqual({ count: 10_000, oldest: 0, newest: 9999 });
    });

    test("keeps the newest 1000 records of a rejected queue, in whatever commits they come", async () => {
      await add(storage, REJECTED, ...Array.from({ length: 1200 }, (_, i) => record(`a${i}`, i)));
      expect(await storage.size(REJECTED)).toEqual({ count: 1000, oldest: 200, newest: 1199 });
      await add(storage, REJECTED, record("older than all", 0), record("z", 1199), record("newest", 5000));
      expect(await storage.size(REJECTED)).toEqual({ count: 1000, oldest: 202, newest: 5000 });
      expect((await storage.peek(REJECTED, ALL)).every(({ body }) => body !== undefined)).toBe(true);
      expect((await peekKeys(storage, REJECTED)).slice(-3)).toEqual(["a1199", "z", "newest"]);
    });
  });

  describe("a rejected change leaves no trace:", () => {
    const attempt = {
      remove: [{ queue: RAW, keys: ["kept"] }],
      stamps: [5],
      notes: { name: "new" },
    } as const;

    beforeEach(() =>
      storage.commit({
        add: [{ queue: RAW, records: [record("kept", 1)] }],
        notes: { name: "old" },
      }),
    );

    const expectUntouched = async () => {
      expect(await peekKeys(storage, RAW)).toEqual(["kept"]);
      expect(await peekKeys(storage, WRAPPED)).toEqual([]);
      expect(await storage.stamps(0, 100)).toEqual([]);
      expect(await storage.note("name")).toBe("old");
    };

    test.each([Number.NaN, Infinity, -Infinity])("a record at %p", async (at) => {
      const records = [record("good", 1), record("bad", at)];
      const refused = storage.commit({ ...attempt, add: [{ queue: WRAPPED, records }] });
      await expect(refused).rejects.toThrow(StorageError);
      await expectUntouched();
    });

    test.each([1.5, Number.NaN, Infinity])("a stamp %p", async (stamp) => {
      const refused = storage.commit({ ...attempt, stamps: [5, stamp] });
      await expect(refused).rejects.toThrow(StorageError);
      await expectUntouched();
    });

    test("a note of more than 4 kB", async () => {
      const refused = storage.commit({ ...attempt, notes: { name: "new", big: "é".repeat(2049) } });
      await expect(refused).rejects.toThrow(StorageError);
      await expectUntouched();
      await storage.commit({ notes: { big: "é".repeat(2048) } });
      expect(await storage.note("big")).toBe("é".repeat(2048));
    });

    test("a lease that no process holds", async () => {
      const refused = storage.commit({ ...attempt, lease: { name: "raw", owner: "me" } });
      await expect(refused).rejects.toThrow(LeaseLost);
      await expectUntouched();
    });

    test("a lease that another owner took", async () => {
      await storage.acquire({ name: "raw", owner: "me" }, 60);
      await rig().elapse(61);
      expect(await storage.acquire({ name: "raw", owner: "you" }, 60)).toBeUndefined();
      const refused = storage.commit({ ...attempt, lease: { name: "raw", owner: "me" } });
      await expect(refused).rejects.toThrow(LeaseLost);
      await expectUntouched();
    });

    test("a lease that has run out", async () => {
      await storage.acquire({ name: "raw", owner: "me" }, 60);
      await rig().elapse(61);
      const refused = storage.commit({ ...attempt, lease: { name: "raw", owner: "me" } });
      await expect(refused).rejects.toThrow(LeaseLost);
      await expectUntouched();
    });
  });

  describe("expire", () => {
    test("removes strictly older records and returns their number", async () => {
      await add(storage, RAW, record("a", 1), record("b", 2), record("c", 2.5));
      await add(storage, WRAPPED, record("a", 1));
      expect(await storage.expire(RAW, 2, "expired")).toBe(1);
      expect(await storage.expire(RAW, 2, "expired")).toBe(0);
      expect(await peekKeys(storage, RAW)).toEqual(["b", "c"]);
      expect(await peekKeys(storage, WRAPPED)).toEqual(["a"]);
    });

    test("counts a record of several points as so many, as weight does, unless others read the queue", async () => {
      await add(storage, WRAPPED, { ...record("a", 1), weight: 40 }, record("b", 2));
      await add(storage, WRAPPED, { ...record("c", 3), weight: 7 });
      const [forty, seven] = storage.shared ? [1, 1] : [40, 7];
      expect(await storage.weight(WRAPPED)).toBe(forty + 1 + seven);
      expect(await storage.weight(WRAPPED, { from: 2, before: 3 })).toBe(1);
      expect(await storage.expire(WRAPPED, 3, "expired")).toBe(forty + 1);
      expect(await storage.note("dropped:expired")).toBe(`${forty + 1}`);
      expect((await storage.peek(WRAPPED, ALL)).map(({ weight = 1 }) => weight)).toEqual([seven]);
      await add(storage, WRAPPED, { ...record("c", 3), weight: 6 });
      expect([await storage.weight(WRAPPED), (await storage.size(WRAPPED)).count]).toEqual([
        storage.shared ? 1 : 6,
        1,
      ]);
    });

    test("removes more records than one step does", async () => {
      await add(storage, RAW, ...Array.from({ length: 12_000 }, (_, i) => record(`k${i}`, i)));
      expect(await storage.expire(RAW, 11_500, "expired")).toBe(11_500);
      expect(await storage.size(RAW)).toEqual({ count: 500, oldest: 11_500, newest: 11_999 });
    });

    test("removes the bodies as well", async () => {
      await add(storage, RAW, record("a", 1, "old"));
      await storage.expire(RAW, 2, "expired");
      await add(storage, RAW, record("b", 3));
      expect(await storage.repair(RAW)).toEqual([]);
      expect(await peekKeys(storage, RAW)).toEqual(["b"]);
    });
  });
}
