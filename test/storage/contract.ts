import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { StorageError } from "../../src/errors.ts";
import type { Storage } from "../../src/storage/storage.ts";
import { testChanging } from "./contract-changing.ts";
import { testLeases } from "./contract-leases.ts";
import { testReading } from "./contract-reading.ts";
import { testModel } from "./model.ts";
import { ALL, add, peekKeys, RAW, type Rig, record, WRAPPED } from "./rig.ts";

/** Tests the contract of src/storage/storage.ts. `open` returns an empty storage. */
export function testStorage(name: string, open: () => Promise<Rig>, model: { without?: string } = {}): void {
  describe(`storage contract: ${name}`, () => {
    let rig: Rig;
    let storage: Storage;
    beforeEach(async () => {
      rig = await open();
      storage = rig.storage;
    });
    afterEach(() => rig.close());

    testReading(() => rig);
    testChanging(() => rig);
    testLeases(() => rig);
    testModel(open, model);

    test("repair returns [] for an intact queue", async () => {
      await add(storage, RAW, record("a", 1));
      expect(await storage.repair(RAW)).toEqual([]);
      expect(await peekKeys(storage, RAW)).toEqual(["a"]);
    });

    test("close may be called twice; every operation rejects afterwards", async () => {
      await storage.close();
      await storage.close();
      const calls = [
        () => storage.commit({}),
        () => storage.peek(RAW, ALL),
        () => storage.expire(RAW, 1, "expired"),
        () => storage.stamps(0, 1),
        () => storage.keepStamps(1),
        () => storage.size(RAW),
        () => storage.weight(RAW),
        () => storage.note("a"),
        () => storage.notes("a"),
        () => storage.acquire({ name: "a", owner: "b" }, 1),
        () => storage.release({ name: "a", owner: "b" }),
        () => storage.repair(RAW),
      ];
      for (const call of calls) await expect(call()).rejects.toThrow(StorageError);
    });
  });
}

/** Tests a storage that several processes use at once; `another` opens the same data again. */
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
