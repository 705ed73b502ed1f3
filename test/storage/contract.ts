import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { LeaseLost, StorageError } from "../../src/errors.ts";
import type { NewRecord, PeekOptions, QueueName, Storage } from "../../src/storage/storage.ts";
import { testModel } from "./model.ts";

export type Rig = {
  storage: Storage;
  /** Makes that many seconds pass for leases; negative: the clock is set back. */
  elapse(seconds: number): Promise<void>;
  /** Owners that are known to be gone. */
  gone: Set<string>;
  close(): Promise<void>;
};

const RAW = "chouette:metrics:raw";
const WRAPPED = "chouette:metrics:wrapped";
const REJECTED = "chouette:metrics:raw:rejected";
export const ALL: PeekOptions = { limit: 1_000_000, maxBytes: 1e12, maxBody: 1e9 };

/** What every storage keeps of src/storage/storage.ts. `open` gives an empty one. */
export function testStorage(name: string, open: () => Promise<Rig>): void {
  describe(`storage contract: ${name}`, () => {
    let rig: Rig;
    let storage: Storage;
    beforeEach(async () => {
      rig = await open();
      storage = rig.storage;
    });
    afterEach(() => rig.close());

    const add = (queue: QueueName, ...records: NewRecord[]) => storage.commit({ add: [{ queue, records }] });
    const peekKeys = async (queue: QueueName, options: Partial<PeekOptions> = {}) =>
      (await storage.peek(queue, { ...ALL, ...options })).map(({ key }) => key);

    describe("peek", () => {
      test("gives [] for an empty queue", async () => {
        expect(await storage.peek(RAW, ALL)).toEqual([]);
      });

      test("gives records by time, then by key, and removes nothing", async () => {
        await add(RAW, record("b", 2), record("c", 1), record("a", 2), record("d", -1.5));
        const expected = [
          { key: "d", at: -1.5, body: '"d"', bytes: 3 },
          { key: "c", at: 1, body: '"c"', bytes: 3 },
          { key: "a", at: 2, body: '"a"', bytes: 3 },
          { key: "b", at: 2, body: '"b"', bytes: 3 },
        ];
        expect(await storage.peek(RAW, ALL)).toEqual(expected);
        expect(await storage.peek(RAW, ALL)).toEqual(expected);
        expect(await storage.peek(WRAPPED, ALL)).toEqual([]);
      });

      test("orders keys at one time by their UTF-8 bytes", async () => {
        const keys = ["Z", "a", "aa", "é", "\uffee", "😀"];
        await add(RAW, ...keys.toReversed().map((key) => record(key, 1)));
        expect(await peekKeys(RAW)).toEqual(keys);
      });

      test("gives at most `limit` records", async () => {
        await add(RAW, record("a", 1), record("b", 2), record("c", 3));
        expect(await peekKeys(RAW, { limit: 2 })).toEqual(["a", "b"]);
      });

      test("stops before the bodies together pass maxBytes", async () => {
        await add(RAW, record("a", 1, "12345"), record("b", 2, "12345"), record("c", 3, "1"));
        expect(await peekKeys(RAW, { maxBytes: 11 })).toEqual(["a", "b", "c"]);
        expect(await peekKeys(RAW, { maxBytes: 10 })).toEqual(["a", "b"]);
        expect(await peekKeys(RAW, { maxBytes: 9 })).toEqual(["a"]);
      });

      test("always gives one record, even over maxBytes", async () => {
        await add(RAW, record("a", 1, "12345"), record("b", 2, "1"));
        expect(await peekKeys(RAW, { maxBytes: 0 })).toEqual(["a"]);
      });

      test("does not read a value over maxBody, but tells its size and goes on", async () => {
        await add(RAW, record("a", 1, "éé"), record("b", 2, "123"), record("c", 3, ""));
        expect(await storage.peek(RAW, { ...ALL, maxBody: 3, maxBytes: 3 })).toEqual([
          { key: "a", at: 1, body: undefined, bytes: 4 },
          { key: "b", at: 2, body: "123", bytes: 3 },
          { key: "c", at: 3, body: "", bytes: 0 },
        ]);
      });

      test("takes only records with from <= at < before", async () => {
        await add(RAW, record("a", 1), record("b", 2), record("c", 3));
        expect(await peekKeys(RAW, { from: 2 })).toEqual(["b", "c"]);
        expect(await peekKeys(RAW, { before: 3 })).toEqual(["a", "b"]);
        expect(await peekKeys(RAW, { from: 2, before: 3 })).toEqual(["b"]);
        expect(await peekKeys(RAW, { from: 2.0000001, before: 2.9 })).toEqual([]);
      });

      test("can be broken off and called again while records change", async () => {
        await add(RAW, record("a", 1), record("b", 2), record("c", 3));
        expect(await peekKeys(RAW, { maxBytes: 1 })).toEqual(["a"]);
        await storage.commit({ remove: [{ queue: RAW, keys: ["a"] }] });
        expect(await peekKeys(RAW, { maxBytes: 1 })).toEqual(["b"]);
      });
    });

    describe("records come back as they were written", () => {
      test("any finite time, exactly", async () => {
        await fc.assert(
          fc.asyncProperty(fc.double({ noNaN: true, noDefaultInfinity: true }), async (at) => {
            await add(RAW, record("k", at));
            expect((await storage.peek(RAW, ALL))[0]?.at).toBe(at + 0);
          }),
          {
            numRuns: 50,
            examples: [[-0], [0.1 + 0.2], [1591541270.9912345], [5e-324], [1.7976931348623157e308]],
          },
        );
      });

      test("any text as key and as body", async () => {
        const text = fc.string({ unit: "binary", minLength: 1 });
        await fc.assert(
          fc.asyncProperty(text, text, async (key, body) => {
            await add(RAW, { key, at: 1, body });
            expect(await storage.peek(RAW, ALL)).toEqual([
              { key, at: 1, body, bytes: Buffer.byteLength(body) },
            ]);
            await storage.commit({ remove: [{ queue: RAW, keys: [key] }] });
            expect(await storage.peek(RAW, ALL)).toEqual([]);
          }),
          { numRuns: 50, examples: [["a\0b", "x\0\u00e9😀\r\n"]] },
        );
      });

      test("bodies of a megabyte", async () => {
        const body = `"${"é".repeat(500_000)}"`;
        await add(RAW, record("a", 1, body), record("b", 2, body));
        expect(await storage.peek(RAW, ALL)).toEqual([
          { key: "a", at: 1, body, bytes: 1_000_002 },
          { key: "b", at: 2, body, bytes: 1_000_002 },
        ]);
        expect(await peekKeys(RAW, { maxBytes: 1_999_999 })).toEqual(["a"]);
      });
    });

    describe("commit", () => {
      test("does nothing for an empty change", async () => {
        await storage.commit({});
        await storage.commit({ remove: [], add: [{ queue: RAW, records: [] }], stamps: [], notes: {} });
        expect(await storage.size(RAW)).toEqual({ count: 0, oldest: undefined, newest: undefined });
      });

      test("replaces a record that has the same key, in the same queue only", async () => {
        await add(RAW, record("k", 1, "old"), record("l", 2));
        await add(WRAPPED, record("k", 1, "other"));
        await add(RAW, record("k", 3, "new"), record("k", 4, "newer"));
        expect(await storage.peek(RAW, ALL)).toEqual([
          { key: "l", at: 2, body: '"l"', bytes: 3 },
          { key: "k", at: 4, body: "newer", bytes: 5 },
        ]);
        expect(await storage.peek(WRAPPED, ALL)).toEqual([{ key: "k", at: 1, body: "other", bytes: 5 }]);
      });

      test("removes keys, and does not mind unknown ones", async () => {
        await add(RAW, record("a", 1), record("b", 2), record("c", 3));
        await storage.commit({ remove: [{ queue: RAW, keys: ["c", "nobody", "a", "a"] }] });
        expect(await peekKeys(RAW)).toEqual(["b"]);
      });

      test("removes before it adds", async () => {
        await add(RAW, record("k", 1, "old"));
        await storage.commit({
          add: [{ queue: RAW, records: [record("k", 2, "new")] }],
          remove: [{ queue: RAW, keys: ["k"] }],
        });
        expect(await storage.peek(RAW, ALL)).toEqual([{ key: "k", at: 2, body: "new", bytes: 3 }]);
      });

      test("does everything in one change, on several queues", async () => {
        await add(RAW, record("a", 1), record("b", 2));
        await add(WRAPPED, record("w", 1));
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
        expect(await peekKeys(RAW)).toEqual([]);
        expect(await peekKeys(WRAPPED)).toEqual(["q", "p"]);
        expect(await peekKeys("chouette:logs:wrapped")).toEqual(["l"]);
        expect(await storage.stamps(0, 100)).toEqual([10, 20]);
        expect([await storage.note("delivery"), await storage.note("other")]).toEqual(["ok", ""]);
      });

      test("removes and adds 100,000 records in one change", async () => {
        const records = Array.from({ length: 100_000 }, (_, i) => record(`key-${i}`, i));
        await add(RAW, ...records);
        const keys = records.map(({ key }) => key);
        await storage.commit({
          remove: [{ queue: RAW, keys }],
          add: [{ queue: WRAPPED, records: records.slice(0, 50_000) }],
        });
        expect(await storage.size(RAW)).toEqual({ count: 0, oldest: undefined, newest: undefined });
        expect(await storage.size(WRAPPED)).toEqual({ count: 50_000, oldest: 0, newest: 49_999 });
      });

      test("keeps the newest 1000 records of a rejected queue, however they come", async () => {
        await add(REJECTED, ...Array.from({ length: 1200 }, (_, i) => record(`a${i}`, i)));
        expect(await storage.size(REJECTED)).toEqual({ count: 1000, oldest: 200, newest: 1199 });
        await add(REJECTED, record("older than all", 0), record("z", 1199), record("newest", 5000));
        expect(await storage.size(REJECTED)).toEqual({ count: 1000, oldest: 202, newest: 5000 });
        expect((await storage.peek(REJECTED, ALL)).every(({ body }) => body !== undefined)).toBe(true);
        expect((await peekKeys(REJECTED)).slice(-3)).toEqual(["a1199", "z", "newest"]);
      });
    });

    describe("a change that is refused leaves no trace", () => {
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
        expect(await peekKeys(RAW)).toEqual(["kept"]);
        expect(await peekKeys(WRAPPED)).toEqual([]);
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

      test("a lease that nobody holds", async () => {
        const refused = storage.commit({ ...attempt, lease: { name: "raw", owner: "me" } });
        await expect(refused).rejects.toThrow(LeaseLost);
        await expectUntouched();
      });

      test("a lease that another owner took over", async () => {
        await storage.acquire({ name: "raw", owner: "me" }, 60);
        await rig.elapse(61);
        expect(await storage.acquire({ name: "raw", owner: "you" }, 60)).toBeUndefined();
        const refused = storage.commit({ ...attempt, lease: { name: "raw", owner: "me" } });
        await expect(refused).rejects.toThrow(LeaseLost);
        await expectUntouched();
      });

      test("a lease that has run out", async () => {
        await storage.acquire({ name: "raw", owner: "me" }, 60);
        await rig.elapse(61);
        const refused = storage.commit({ ...attempt, lease: { name: "raw", owner: "me" } });
        await expect(refused).rejects.toThrow(LeaseLost);
        await expectUntouched();
      });
    });

    describe("expire", () => {
      test("removes what is strictly older and says how many", async () => {
        await add(RAW, record("a", 1), record("b", 2), record("c", 2.5));
        await add(WRAPPED, record("a", 1));
        expect(await storage.expire(RAW, 2)).toBe(1);
        expect(await storage.expire(RAW, 2)).toBe(0);
        expect(await peekKeys(RAW)).toEqual(["b", "c"]);
        expect(await peekKeys(WRAPPED)).toEqual(["a"]);
      });

      test("goes on until all are gone", async () => {
        await add(RAW, ...Array.from({ length: 12_000 }, (_, i) => record(`k${i}`, i)));
        expect(await storage.expire(RAW, 11_500)).toBe(11_500);
        expect(await storage.size(RAW)).toEqual({ count: 500, oldest: 11_500, newest: 11_999 });
      });

      test("takes the bodies along", async () => {
        await add(RAW, record("a", 1, "old"));
        await storage.expire(RAW, 2);
        await add(RAW, record("b", 3));
        expect(await storage.repair(RAW)).toEqual([]);
        expect(await peekKeys(RAW)).toEqual(["b"]);
      });
    });

    describe("size", () => {
      test("counts within from <= at < before and tells the ends of the whole queue", async () => {
        await add(RAW, record("a", 1.5), record("b", 2), record("c", 3), record("d", 4));
        const ends = { oldest: 1.5, newest: 4 };
        expect(await storage.size(RAW)).toEqual({ count: 4, ...ends });
        expect(await storage.size(RAW, {})).toEqual({ count: 4, ...ends });
        expect(await storage.size(RAW, { from: 2 })).toEqual({ count: 3, ...ends });
        expect(await storage.size(RAW, { before: 3 })).toEqual({ count: 2, ...ends });
        expect(await storage.size(RAW, { from: 2, before: 4 })).toEqual({ count: 2, ...ends });
        expect(await storage.size(RAW, { from: 5 })).toEqual({ count: 0, ...ends });
      });
    });

    describe("stamps", () => {
      test("gives the seconds in [from, to), ascending, each once", async () => {
        await storage.commit({ stamps: [30, 10, 20, 9, 100] });
        await storage.commit({ stamps: [20, 1_591_541_270] });
        expect(await storage.stamps(10, 100)).toEqual([10, 20, 30]);
        expect(await storage.stamps(1_591_541_270, 1_591_541_271)).toEqual([1_591_541_270]);
        expect(await storage.stamps(11, 20)).toEqual([]);
      });

      test("forgets those before a time", async () => {
        await storage.commit({ stamps: [1, 2, 3] });
        await storage.expireStamps(2);
        expect(await storage.stamps(0, 10)).toEqual([2, 3]);
      });
    });

    describe("notes", () => {
      test("give the last text, and undefined for an unknown name", async () => {
        await storage.commit({ notes: { a: "1", "b\0": "ünï\0" } });
        await storage.commit({ notes: { a: "2" } });
        expect([await storage.note("a"), await storage.note("b\0"), await storage.note("c")]).toEqual([
          "2",
          "ünï\0",
          undefined,
        ]);
      });
    });

    describe("leases", () => {
      const mine = { name: "raw", owner: "812 on pi\n4" };
      const yours = { name: "raw", owner: "you" };

      test("are held by one owner, who may renew", async () => {
        expect(await storage.acquire(mine, 60)).toBeUndefined();
        expect(await storage.acquire(mine, 60)).toBeUndefined();
        expect(await storage.acquire(yours, 60)).toBe(mine.owner);
        expect(await storage.acquire({ ...yours, name: "wrapped" }, 60)).toBeUndefined();
      });

      test("are renewed by acquiring again", async () => {
        await storage.acquire(mine, 60);
        await rig.elapse(50);
        await storage.acquire(mine, 60);
        await rig.elapse(50);
        expect(await storage.acquire(yours, 60)).toBe(mine.owner);
      });

      test("run out", async () => {
        await storage.acquire(mine, 60);
        await rig.elapse(59);
        expect(await storage.acquire(yours, 60)).toBe(mine.owner);
        await rig.elapse(2);
        expect(await storage.acquire(yours, 60)).toBeUndefined();
        expect(await storage.acquire(mine, 60)).toBe(yours.owner);
      });

      test("are renewed by a commit for as long as they were taken", async () => {
        await storage.acquire(mine, 60);
        await rig.elapse(50);
        await storage.commit({ lease: mine });
        await rig.elapse(59);
        expect(await storage.acquire(yours, 60)).toBe(mine.owner);
        await rig.elapse(2);
        expect(await storage.acquire(yours, 60)).toBeUndefined();
      });

      test("are taken over from an owner that is gone", async () => {
        await storage.acquire(mine, 60);
        rig.gone.add(mine.owner);
        expect(await storage.acquire(yours, 60)).toBeUndefined();
        await expect(storage.commit({ lease: mine })).rejects.toThrow(LeaseLost);
        await storage.commit({ lease: yours });
      });

      test("are taken over when they would last too long, because the clock was set back", async () => {
        await storage.acquire(mine, 60);
        await rig.elapse(-3600);
        expect(await storage.acquire(yours, 60)).toBeUndefined();
        expect(await storage.acquire(mine, 60)).toBe(yours.owner);
      });

      test("go back to their length by a commit after the clock was set back", async () => {
        await storage.acquire(mine, 60);
        await rig.elapse(-3600);
        await storage.commit({ lease: mine });
        expect(await storage.acquire(yours, 60)).toBe(mine.owner);
        await rig.elapse(61);
        expect(await storage.acquire(yours, 60)).toBeUndefined();
      });

      test("are given up by their owner only", async () => {
        await storage.acquire(mine, 60);
        await storage.release(yours);
        expect(await storage.acquire(yours, 60)).toBe(mine.owner);
        await storage.release(mine);
        await expect(storage.commit({ lease: mine })).rejects.toThrow(LeaseLost);
        expect(await storage.acquire(yours, 60)).toBeUndefined();
      });
    });

    test("repair has nothing to say about a sound queue", async () => {
      await add(RAW, record("a", 1));
      expect(await storage.repair(RAW)).toEqual([]);
      expect(await peekKeys(RAW)).toEqual(["a"]);
    });

    test("close may be called twice; every operation rejects afterwards", async () => {
      await storage.close();
      await storage.close();
      const calls = [
        () => storage.commit({}),
        () => storage.peek(RAW, ALL),
        () => storage.expire(RAW, 1),
        () => storage.stamps(0, 1),
        () => storage.expireStamps(1),
        () => storage.size(RAW),
        () => storage.note("a"),
        () => storage.acquire({ name: "a", owner: "b" }, 1),
        () => storage.release({ name: "a", owner: "b" }),
      ];
      for (const call of calls) await expect(call()).rejects.toThrow(StorageError);
    });

    testModel(open);
  });
}

/** What a storage keeps that several processes use at once: `another` is the same data opened once more. */
export function testSharedStorage(name: string, open: () => Promise<Rig & { another: () => Storage }>): void {
  test(`storage contract: ${name}: two openings see the same data and respect each other's leases`, async () => {
    const { storage, another, close } = await open();
    const other = another();
    await storage.commit({ add: [{ queue: RAW, records: [record("a", 1)] }] });
    await other.commit({ add: [{ queue: RAW, records: [record("b", 2)] }], notes: { n: "by the other" } });
    expect((await storage.peek(RAW, ALL)).map(({ key }) => key)).toEqual(["a", "b"]);
    expect(await storage.note("n")).toBe("by the other");
    expect(await storage.acquire({ name: "raw", owner: "one" }, 60)).toBeUndefined();
    expect(await other.acquire({ name: "raw", owner: "two" }, 60)).toBe("one");
    const changes = Array.from({ length: 50 }, (_, i) => [
      storage.commit({ add: [{ queue: WRAPPED, records: [record(`one-${i}`, i)] }] }),
      other.commit({ add: [{ queue: WRAPPED, records: [record(`two-${i}`, i)] }] }),
    ]);
    await Promise.all(changes.flat());
    expect((await other.size(WRAPPED)).count).toBe(100);
    await other.close();
    await close();
  });
}

/** Its body is the key as JSON, unless one is given. */
export function record(key: string, at: number, body = JSON.stringify(key)): NewRecord {
  return { key, at, body };
}
