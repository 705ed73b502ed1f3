import { describe, expect, test } from "bun:test";
import { copyQueues } from "../../src/commands/dry-run-intake.ts";
import { StorageError } from "../../src/errors.ts";
import { QUEUES, type Storage } from "../../src/storage/storage.ts";
import { memoryStorage } from "../helpers/memory-storage.ts";

const RAW = QUEUES[0];
const record = (n: number, body = `{"n":${n}}`) => ({ key: `k${String(n).padStart(5, "0")}`, at: n, body });
const all = (storage: Storage, queue: (typeof QUEUES)[number]) =>
  storage.peek(queue, { limit: 1e6, maxBytes: 1e9, maxBody: 1e9 });

async function copyOf(from: Storage): Promise<{ to: Storage; notes: string[] }> {
  const to = memoryStorage();
  const notes: string[] = [];
  await copyQueues(from, to, (text) => notes.push(text));
  return { to, notes };
}

test("every queue is copied with key, time and text, and the source is unchanged", async () => {
  const from = memoryStorage();
  const add = QUEUES.map((queue, index) => ({ queue, records: [record(index), record(10 + index)] }));
  await from.commit({ add });
  const { to, notes } = await copyOf(from);
  for (const [index, queue] of QUEUES.entries()) {
    const records = [record(index), record(10 + index)].map((it) => ({ ...it, bytes: it.body.length }));
    expect(await all(to, queue)).toEqual(records);
    expect(await all(from, queue)).toEqual(records);
  }
  expect(notes).toEqual([]);
});

test("only the oldest 10000 records of a long queue are copied, which is noted", async () => {
  const from = memoryStorage();
  await from.commit({ add: [{ queue: RAW, records: Array.from({ length: 10_003 }, (_, n) => record(n)) }] });
  const { to, notes } = await copyOf(from);
  expect(await to.size(RAW)).toEqual({ count: 10_000, oldest: 0, newest: 9999 });
  expect(notes).toEqual([expect.stringMatching(/^chouette:metrics:raw: .*10000 of 10003 .*\n$/)]);
});

test("at most 16 MB of large records are copied", async () => {
  const from = memoryStorage();
  const large = Array.from({ length: 20 }, (_, n) => record(n, "x".repeat(1_000_000)));
  await from.commit({ add: [{ queue: RAW, records: large }] });
  const { to, notes } = await copyOf(from);
  expect((await to.size(RAW)).count).toBe(16);
  expect(notes).toEqual([expect.stringMatching(/^chouette:metrics:raw: .*16 of 20 .*\n$/)]);
});

test("a record of Redis without a value or a finite time is copied as a malformed record", async () => {
  const stored = [
    { key: "a", at: Number.NEGATIVE_INFINITY, body: "{}", bytes: 2 },
    { key: "b", at: 5, body: undefined, bytes: 0 },
    { key: "c", at: Number.POSITIVE_INFINITY, body: "{}", bytes: 2 },
  ];
  const from = memoryStorage();
  const broken: Storage = {
    ...from,
    peek: async (queue, options) => (queue === RAW ? stored : from.peek(queue, options)),
    size: async (queue) => ({ ...(await from.size(queue)), count: queue === RAW ? 3 : 0 }),
  };
  const { to, notes } = await copyOf(broken);
  expect(await all(to, RAW)).toEqual([
    { key: "a", at: -Number.MAX_VALUE, body: "{}", bytes: 2 },
    { key: "b", at: 5, body: "", bytes: 0 },
    { key: "c", at: Number.MAX_VALUE, body: "{}", bytes: 2 },
  ]);
  expect(notes).toEqual([]);
});

describe("an unreadable queue", () => {
  const gone = async () => {
    throw new StorageError("chouette:metrics:raw.keys is a string.");
  };

  test("is noted, and the other queues are copied", async () => {
    const from = memoryStorage();
    await from.commit({ add: [{ queue: QUEUES[1], records: [record(1)] }] });
    const { to, notes } = await copyOf({
      ...from,
      peek: (queue, options) => (queue === RAW ? gone() : from.peek(queue, options)),
    });
    expect(await to.size(QUEUES[1])).toEqual({ count: 1, oldest: 1, newest: 1 });
    expect(notes).toEqual(["chouette:metrics:raw.keys is a string.\n"]);
  });

  test("is an error when no queue is readable", async () => {
    const copying = copyOf({ ...memoryStorage(), peek: gone });
    expect(await copying.catch((error: unknown) => error)).toEqual(
      new StorageError("chouette:metrics:raw.keys is a string."),
    );
  });
});
