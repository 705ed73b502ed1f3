import { expect, test } from "bun:test";
import { StorageError } from "../../src/errors.ts";
import { createOutbox } from "../../src/jobs/outbox.ts";
import type { Change, NewRecord } from "../../src/storage/storage.ts";

const record = (key: number): NewRecord => ({ key: `k${key}`, at: key, body: "{}" });

/** A storage that can be out of reach, and what was written to it. */
function setUp() {
  const changes: Change[] = [];
  let up = true;
  const storage = {
    commit: async (change: Change) => {
      if (!up) throw new StorageError("Redis is out of reach.");
      changes.push(change);
    },
  };
  const keys = () => changes.map(({ add }) => add?.[0]?.records.map(({ key }) => key));
  return { storage, keys, changes, reach: (state: boolean) => (up = state) };
}

test("the outbox stores everything in one commit, once", async () => {
  const { storage, changes } = setUp();
  const outbox = createOutbox();
  outbox.put([record(1)]);
  outbox.put([record(2), record(3)]);
  await Promise.all([outbox.store(storage), outbox.store(storage)]);
  await outbox.store(storage);
  expect(changes).toEqual([
    { add: [{ queue: "chouette:metrics:wrapped", records: [record(1), record(2), record(3)] }] },
  ]);
});

test("records that the storage did not accept stay in the outbox, in order", async () => {
  const { storage, keys, reach } = setUp();
  const outbox = createOutbox();
  reach(false);
  outbox.put([record(1)]);
  const failing = outbox.store(storage);
  outbox.put([record(2)]);
  expect(await failing.catch((error: Error) => error.message)).toBe("Redis is out of reach.");
  reach(true);
  await outbox.store(storage);
  expect(keys()).toEqual([["k1", "k2"]]);
});

test("the outbox drops the oldest of more than 10,000 records, and counts them with the next commit", async () => {
  const { storage, changes, keys, reach } = setUp();
  const outbox = createOutbox();
  reach(false);
  for (let key = 0; key < 10_002; key++) outbox.put([record(key)]);
  await outbox.store(storage).catch(() => {});
  reach(true);
  await outbox.store(storage);
  expect(keys()[0]?.length).toBe(10_000);
  expect(keys()[0]?.[0]).toBe("k2");
  expect(changes[0]?.dropped).toEqual({ overflow: 2 });
});
