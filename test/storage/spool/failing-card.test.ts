import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { StorageError } from "../../../src/errors.ts";
import { readDropped } from "../../../src/storage/counts/read-dropped.ts";
import { openSpool } from "../../../src/storage/spool/spool.ts";
import { openSqlite } from "../../../src/storage/sqlite/sqlite.ts";
import type { KeyedStorage, Storage } from "../../../src/storage/storage.ts";
import { add, peekKeys, RAW, record, WRAPPED } from "../rig.ts";
import { type SpoolRig, spoolRig } from "./rig.ts";

setDefaultTimeout(60_000);

describe("a card that fails", () => {
  let rig: SpoolRig;
  let now: number;
  let broken: "no" | "writes" | "all";
  let reports: string[];
  let spool: Storage;

  beforeEach(async () => {
    rig = await spoolRig(openSqlite)();
    now = 1_700_000_000;
    broken = "no";
    reports = [];
    let keys = 0;
    spool = openSpool(
      rig.hot(),
      failing(rig.card(), () => broken),
      {
        now: () => now,
        owner: "agent",
        fateOf: () => "unknown" as const,
        newKey: () => `entry-${keys++}`,
        onCard: (up, error) => void reports.push(up ? "works again" : error),
        onOverflow: (queue, records) => void reports.push(`${records} of ${queue} dropped`),
      },
    );
  });
  afterEach(async () => {
    await spool.close();
    await rig.close();
  });

  test.each(["writes", "all"] as const)(
    "%s: capture and delivery continue, and it is reported once",
    async (what) => {
      broken = what;
      await add(spool, WRAPPED, record("a", 1), record("b", 2));
      await expect(spool.persist()).rejects.toThrow(StorageError);
      expect(await peekKeys(spool, WRAPPED)).toEqual(["a", "b"]);
      await spool.commit({ remove: [{ queue: WRAPPED, keys: ["a"] }], stamps: [1] });
      await add(spool, RAW, record("r", 3));
      expect([await peekKeys(spool, WRAPPED), await peekKeys(spool, RAW), await spool.stamps(0, 9)]).toEqual([
        ["b"],
        ["r"],
        [1],
      ]);
      expect(reports.length).toBeLessThanOrEqual(1);
      broken = "no";
      await spool.persist();
      expect(await peekKeys(rig.card(), WRAPPED)).toEqual(["b"]);
    },
  );

  test("what was delivered from it is not seen again, and goes from it once it works", async () => {
    await add(spool, WRAPPED, record("a", 1), record("b", 2), record("c", 3));
    await spool.persist();
    broken = "writes";
    await spool.commit({ remove: [{ queue: WRAPPED, keys: ["a", "c"] }] });
    expect(await peekKeys(spool, WRAPPED)).toEqual(["b"]);
    expect((await spool.size(WRAPPED)).count).toBe(1);
    expect(await peekKeys(rig.card(), WRAPPED)).toEqual(["a", "b", "c"]);
    broken = "no";
    now += 31;
    expect(await peekKeys(spool, WRAPPED)).toEqual(["b"]);
    expect(await peekKeys(rig.card(), WRAPPED)).toEqual(["b"]);
    expect(reports).toEqual(["EIO", "works again"]);
  });

  test("what arrives meanwhile is kept, though it moves to the card before the card was tried again", async () => {
    await add(spool, WRAPPED, record("a", 1));
    await spool.persist();
    broken = "writes";
    await add(spool, WRAPPED, record("b", 2));
    broken = "no";
    await spool.persist();
    expect(await peekKeys(rig.card(), WRAPPED)).toEqual(["a", "b"]);
    now += 31;
    expect(await peekKeys(spool, WRAPPED)).toEqual(["a", "b"]);
  });

  test("what was given another time meanwhile is kept, too", async () => {
    await add(spool, WRAPPED, record("a", 1));
    await spool.persist();
    broken = "writes";
    await add(spool, WRAPPED, record("b", 2));
    broken = "no";
    const queue = WRAPPED;
    await spool.commit({ remove: [{ queue, keys: ["a"] }], add: [{ queue, records: [record("b", 3)] }] });
    now += 31;
    expect(await peekKeys(spool, WRAPPED)).toEqual(["b"]);
  });

  test("RAM stays bounded: the oldest points go, and are counted", async () => {
    broken = "writes";
    const body = "x".repeat(100_000);
    for (let i = 0; i < 220; i++)
      await add(spool, WRAPPED, record(`k${String(i).padStart(3, "0")}`, i, body));
    expect(await spool.bytes()).toBeLessThan(18_000_000);
    const dropped = reports.filter((report) => report.endsWith("dropped"));
    expect(dropped.length).toBeGreaterThan(0);
    const left = await peekKeys(spool, WRAPPED);
    expect(left.at(-1)).toBe("k219");
    const count = dropped.reduce((sum, report) => sum + Number(report.split(" ")[0]), 0);
    expect(left.length + count).toBe(220);
    expect(await readDropped(spool)).toEqual({ overflow: count });
  });
});

/** The same storage whose commits, or all operations, fail as on a disk with I/O errors. */
function failing(storage: KeyedStorage, broken: () => "no" | "writes" | "all"): KeyedStorage {
  const refuse = (from: readonly string[]) => {
    if (from.includes(broken())) throw new StorageError("EIO");
  };
  return {
    ...storage,
    commit: async (change) => {
      refuse(["writes", "all"]);
      return storage.commit(change);
    },
    expire: async (...args) => {
      refuse(["writes", "all"]);
      return storage.expire(...args);
    },
    keepStamps: async (count) => {
      refuse(["writes", "all"]);
      return storage.keepStamps(count);
    },
    peek: async (...args) => {
      refuse(["all"]);
      return storage.peek(...args);
    },
    size: async (...args) => {
      refuse(["all"]);
      return storage.size(...args);
    },
    holds: async (...args) => {
      refuse(["all"]);
      return storage.holds(...args);
    },
    note: async (name) => {
      refuse(["all"]);
      return storage.note(name);
    },
    stamps: async (...args) => {
      refuse(["all"]);
      return storage.stamps(...args);
    },
    bytes: async () => {
      refuse(["all"]);
      return storage.bytes();
    },
  };
}
