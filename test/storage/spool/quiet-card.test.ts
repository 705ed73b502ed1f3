import { afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { openSpool } from "../../../src/storage/spool/spool.ts";
import { openSqlite } from "../../../src/storage/sqlite/sqlite.ts";
import type { KeyedStorage } from "../../../src/storage/storage.ts";
import { peekKeys, record, WRAPPED } from "../rig.ts";
import { type SpoolRig, spoolRig } from "./rig.ts";

setDefaultTimeout(60_000);

let rig: SpoolRig;
let calls: string[];
let spool: ReturnType<typeof openSpool>;

beforeEach(async () => {
  rig = await spoolRig(openSqlite)();
  calls = [];
  let keys = 0;
  spool = openSpool(rig.hot(), watched(rig.card()), {
    now: () => 1_700_000_000,
    owner: "agent",
    fateOf: () => "unknown" as const,
    newKey: () => `entry-${keys++}`,
    onCard: () => {},
    onOverflow: () => {},
  });
});
afterEach(async () => {
  await spool.close();
  await rig.close();
});

const add = (key: string) => spool.commit({ add: [{ queue: WRAPPED, records: [record(key, 1)] }] });

test("a commit asks nothing of a card whose queue is empty", async () => {
  await add("a");
  await spool.size(WRAPPED);
  calls = [];
  await add("b");
  expect(calls).toEqual([]);
});

test("a new record writes nothing to a card on which others of its queue wait", async () => {
  await add("a");
  await spool.persist();
  calls = [];
  await add("b");
  expect(calls).toEqual(["holds"]);
  expect(await peekKeys(spool, WRAPPED)).toEqual(["a", "b"]);
});

test("a record that replaces one of the card takes its place", async () => {
  await add("a");
  await spool.persist();
  await spool.commit({ add: [{ queue: WRAPPED, records: [record("a", 5)] }] });
  expect(await spool.size(WRAPPED)).toEqual({ count: 1, oldest: 5, newest: 5 });
  await spool.commit({ remove: [{ queue: WRAPPED, keys: ["a"] }] });
  expect([await peekKeys(rig.card(), WRAPPED), await peekKeys(rig.hot(), WRAPPED)]).toEqual([[], []]);
});

test("what another process brought to the card leaves it when it was sent", async () => {
  await spool.size(WRAPPED);
  const other = rig.another();
  await other.commit({ add: [{ queue: WRAPPED, records: [record("a", 1)] }] });
  await other.persist();
  await other.close();
  expect(await peekKeys(spool, WRAPPED)).toEqual(["a"]);
  await spool.commit({ remove: [{ queue: WRAPPED, keys: ["a"] }] });
  expect(await peekKeys(rig.card(), WRAPPED)).toEqual([]);
});

/** The same storage, which notes what is asked of it. */
function watched(storage: KeyedStorage): KeyedStorage {
  const noting = <A extends unknown[], T>(name: string, run: (...args: A) => Promise<T>) => {
    return (...args: A) => {
      calls.push(name);
      return run(...args);
    };
  };
  return {
    ...storage,
    commit: noting("commit", storage.commit),
    peek: noting("peek", storage.peek),
    size: noting("size", storage.size),
    holds: noting("holds", storage.holds),
    bytes: noting("bytes", storage.bytes),
  };
}
