import { afterEach, beforeEach, expect, test } from "bun:test";
import { StorageError } from "../../../src/errors.ts";
import { openSqlite } from "../../../src/storage/sqlite/sqlite.ts";
import type { Change } from "../../../src/storage/storage.ts";
import { add, peekKeys, record, WRAPPED } from "../rig.ts";
import { type SpoolRig, spoolRig } from "./rig.ts";

let rig: SpoolRig;
beforeEach(async () => {
  rig = await spoolRig(openSqlite)();
});
afterEach(() => rig.close());

test("counts of dropped records and captured seconds go to the card with what waits, and nothing else does", async () => {
  await rig.storage.commit({
    notes: { "captured-ahead": "[[1,2]]", clock: "{}" },
    dropped: { expired: 3 },
  });
  await rig.storage.persist();
  expect(await rig.storage.note("dropped:expired")).toBe("3");
  await rig.storage.commit({ dropped: { expired: 2 } });
  expect(await rig.storage.notes("dropped:")).toEqual({ "dropped:expired": "5" });
  await rig.storage.persist();
  const card = rig.card();
  expect(await card.notes("")).toEqual({
    "captured-ahead": "[[1,2]]",
    "dropped:expired": "5",
    moved: expect.any(String),
  });
  await card.close();
});

test("a count is read once while it moves to the card, by whatever process", async () => {
  await rig.storage.commit({ dropped: { expired: 3 } });
  const reader = rig.another();
  const card = rig.card();
  const seen: unknown[] = [];
  const watched = {
    ...card,
    async commit(change: Change) {
      await card.commit(change);
      seen.push(await reader.notes("dropped:"), await reader.note("dropped:expired"));
    },
  };
  const mover = rig.another(watched);
  await mover.persist();
  expect(seen).toEqual([{ "dropped:expired": "3" }, "3"]);
  expect(await reader.notes("dropped:")).toEqual({ "dropped:expired": "3" });
  await Promise.all([reader.close(), mover.close()]);
});

test.each([
  ["had not done it", false],
  ["had done it, and whose answer was lost", true],
])("counts move once, although the first try failed on a storage that %s", async (_, done) => {
  await rig.storage.commit({ dropped: { expired: 3 } });
  const card = rig.card();
  let fails = true;
  const failing = {
    ...card,
    async commit(change: Change) {
      if (!fails || done) await card.commit(change);
      if (fails) throw new StorageError("the connection is lost");
    },
    async note(name: string) {
      if (fails) throw new StorageError("the connection is lost");
      return card.note(name);
    },
  };
  const mover = rig.another(failing);
  for (let attempt = 0; attempt < 2; attempt++)
    expect(await mover.persist().catch(String)).toBe("StorageError: the connection is lost");
  fails = false;
  expect(await mover.notes("dropped:")).toEqual({ "dropped:expired": "3" });
  await mover.persist();
  expect(await card.notes("dropped:")).toEqual({ "dropped:expired": "3" });
  expect(await mover.notes("dropped:")).toEqual({ "dropped:expired": "3" });
  await mover.close();
});

test("a new version of a record stays on the card, one of a record in RAM stays there", async () => {
  await add(rig.storage, WRAPPED, record("old", 1));
  await rig.storage.persist();
  await add(rig.storage, WRAPPED, record("new", 2));
  const records = [record("old", 3), record("new", 4)];
  await rig.storage.commit({
    remove: [{ queue: WRAPPED, keys: [] }],
    add: [{ queue: WRAPPED, records }],
  });
  const [hot, card] = [rig.hot(), rig.card()];
  expect([await peekKeys(card, WRAPPED), await peekKeys(hot, WRAPPED)]).toEqual([["old"], ["new"]]);
  expect(await peekKeys(rig.storage, WRAPPED)).toEqual(["old", "new"]);
  await Promise.all([hot.close(), card.close()]);
});
