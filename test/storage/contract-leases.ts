import { beforeEach, describe, expect, test } from "bun:test";
import { LeaseLost } from "../../src/errors.ts";
import type { Storage } from "../../src/storage/storage.ts";
import type { Rig } from "./rig.ts";

/** Tests of leases. */
export function testLeases(rig: () => Rig): void {
  let storage: Storage;
  beforeEach(() => {
    storage = rig().storage;
  });

  describe("leases", () => {
    const mine = { name: "raw", owner: "812 on pi\n4" };
    const yours = { name: "raw", owner: "you" };

    test("are held by one owner, which may renew them", async () => {
      expect(await storage.acquire(mine, 60)).toBeUndefined();
      expect(await storage.acquire(mine, 60)).toBeUndefined();
      expect(await storage.acquire(yours, 60)).toBe(mine.owner);
      expect(await storage.acquire({ ...yours, name: "wrapped" }, 60)).toBeUndefined();
    });

    test("are renewed by acquiring again", async () => {
      await storage.acquire(mine, 60);
      await rig().elapse(50);
      await storage.acquire(mine, 60);
      await rig().elapse(50);
      expect(await storage.acquire(yours, 60)).toBe(mine.owner);
    });

    test("run out", async () => {
      await storage.acquire(mine, 60);
      await rig().elapse(59);
      expect(await storage.acquire(yours, 60)).toBe(mine.owner);
      await rig().elapse(2);
      expect(await storage.acquire(yours, 60)).toBeUndefined();
      expect(await storage.acquire(mine, 60)).toBe(yours.owner);
    });

    test("are renewed by a commit for as long as they were taken", async () => {
      await storage.acquire(mine, 60);
      await rig().elapse(50);
      await storage.commit({ lease: mine });
      await rig().elapse(59);
      expect(await storage.acquire(yours, 60)).toBe(mine.owner);
      await rig().elapse(2);
      expect(await storage.acquire(yours, 60)).toBeUndefined();
    });

    test("can be taken from an owner that is gone", async () => {
      await storage.acquire(mine, 60);
      rig().gone.add(mine.owner);
      expect(await storage.acquire(yours, 60)).toBeUndefined();
      await expect(storage.commit({ lease: mine })).rejects.toThrow(LeaseLost);
      await storage.commit({ lease: yours });
    });

    test("stay with an owner that is known to be alive, whatever the clock says", async () => {
      await storage.acquire(mine, 60);
      rig().alive.add(mine.owner);
      await rig().elapse(-3600);
      expect(await storage.acquire(yours, 60)).toBe(mine.owner);
      await storage.commit({ lease: mine });
      expect(await storage.acquire(mine, 60)).toBeUndefined();
    });

    test("can be taken when they would last too long, because the clock was set back", async () => {
      await storage.acquire(mine, 60);
      await rig().elapse(-3600);
      expect(await storage.acquire(yours, 60)).toBeUndefined();
      expect(await storage.acquire(mine, 60)).toBe(yours.owner);
    });

    test("go back to their length by a commit after the clock was set back", async () => {
      await storage.acquire(mine, 60);
      await rig().elapse(-3600);
      await storage.commit({ lease: mine });
      expect(await storage.acquire(yours, 60)).toBe(mine.owner);
      await rig().elapse(61);
      expect(await storage.acquire(yours, 60)).toBeUndefined();
    });

    test("are released by their owner only", async () => {
      await storage.acquire(mine, 60);
      await storage.release(yours);
      expect(await storage.acquire(yours, 60)).toBe(mine.owner);
      await storage.release(mine);
      await expect(storage.commit({ lease: mine })).rejects.toThrow(LeaseLost);
      expect(await storage.acquire(yours, 60)).toBeUndefined();
    });
  });
}
