import { afterEach, beforeEach, expect, test } from "bun:test";
import { appendFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { StorageError } from "../../src/errors.ts";
import { createFileSource } from "../../src/logs/files/file-source.ts";
import { createLogsJob, type LogsDeps } from "../../src/logs/logs-job.ts";
import { createMask } from "../../src/logs/text/mask.ts";
import { compilePattern } from "../../src/logs/text/pattern.ts";
import { orderedKeys } from "../../src/records/key.ts";
import { type Change, LOG_NOTES, type Storage } from "../../src/storage/storage.ts";
import { testClock } from "../helpers/clock.ts";
import { memoryStorage, recordsOf } from "../helpers/memory-storage.ts";

const LOGS = "chouette:logs:wrapped";
const never = new AbortController().signal;

let directory: string;
let storage: Storage;
const clock = testClock(1_700_000_000);
beforeEach(() => {
  directory = mkdtempSync(`${tmpdir()}/chouette-logs-`);
  storage = memoryStorage();
});
afterEach(async () => {
  await storage.close();
  rmSync(directory, { recursive: true });
});

function jobOver(given: Partial<LogsDeps> = {}) {
  const entry = {
    path: `${directory}/*.log`,
    multiLine: undefined,
    tags: [],
    include: [],
    exclude: [],
    fold: true,
  };
  const deps = { root: "/", compile: compilePattern, lastLines: 0, now: clock.now };
  const source = createFileSource(entry, deps);
  return createLogsJob({
    sources: [source],
    storage,
    clock,
    newKey: orderedKeys(clock.now),
    mask: createMask([]),
    bytesPerDay: Infinity,
    every: 1,
    patience: 100,
    notesOf: "",
    measure: undefined,
    news: () => {},
    problem: () => {},
    ...given,
  });
}

const messages = async () =>
  (await recordsOf(storage, LOGS)).map((log) => (log as { message: string }).message);

test("lines reach the queue in their order, with the position behind them in the same commit", async () => {
  const commits: Change[] = [];
  const watched = {
    ...storage,
    commit: async (change: Change) => {
      commits.push(change);
      await storage.commit(change);
    },
  };
  const job = jobOver({ storage: watched });
  await job.run(0, never);
  writeFileSync(`${directory}/a.log`, Array.from({ length: 5000 }, (_, i) => `line ${i}\n`).join(""));
  clock.pass(11);
  await job.run(0, never);
  expect(await messages()).toEqual(Array.from({ length: 5000 }, (_, i) => `line ${i}`));
  for (const { add, notes } of commits)
    if ((add?.[0]?.records.length ?? 0) > 0)
      expect(Object.keys(notes ?? {})).toEqual([`logs:file:${directory}/a.log`]);
  await job.close();
});

test("a killed agent neither loses nor repeats a line", async () => {
  await jobOver().run(0, never);
  writeFileSync(`${directory}/a.log`, "1\n2\n");
  for (let i = 3; i < 9; i++) {
    clock.pass(11);
    await jobOver().run(0, never);
    appendFileSync(`${directory}/a.log`, `${i}\n`);
  }
  expect(await messages()).toEqual(["1", "2", "3", "4", "5", "6", "7"]);
});

test("a commit that fails is tried again before more is read, so that nothing is lost", async () => {
  let fails = false;
  const failing = {
    ...storage,
    commit: async (change: Change) => {
      if (fails) throw new StorageError("the disk is full");
      await storage.commit(change);
    },
  };
  const job = jobOver({ storage: failing });
  await job.run(0, never);
  writeFileSync(`${directory}/a.log`, "1\n");
  clock.pass(11);
  fails = true;
  await expect(job.run(0, never)).rejects.toThrow(StorageError);
  appendFileSync(`${directory}/a.log`, "2\n");
  await expect(job.run(0, never)).rejects.toThrow(StorageError);
  fails = false;
  await job.run(0, never);
  expect(await messages()).toEqual(["1", "2"]);
});

test("files wait while the queue is full, and say how much", async () => {
  let count = 1e6;
  const full = { ...storage, size: async () => ({ count, oldest: 0, newest: 0 }) };
  const job = jobOver({ storage: full });
  await job.run(0, never);
  writeFileSync(`${directory}/a.log`, "waits\n");
  clock.pass(11);
  await job.run(0, never);
  expect(await messages()).toEqual([]);
  const note = await storage.note(`${LOG_NOTES}file:${directory}/a.log`);
  expect(JSON.parse(note ?? "{}")).toMatchObject({ waiting: 6 });
  count = 0;
  clock.pass(11);
  await job.run(0, never);
  expect(await messages()).toEqual(["waits"]);
});

test("a backlog in a file is queued as far as there is room, and the rest when that was delivered", async () => {
  const job = jobOver();
  await job.run(0, never);
  writeFileSync(`${directory}/a.log`, Array.from({ length: 25_000 }, (_, i) => `line ${i}\n`).join(""));
  clock.pass(2);
  await job.run(0, never);
  const taken: string[] = [];
  const steps: number[] = [];
  do {
    const records = await storage.peek(LOGS, { limit: 1e6, maxBytes: 1e9, maxBody: 1e6 });
    steps.push(records.length);
    taken.push(...records.map(({ body }) => JSON.parse(body ?? "").message));
    await storage.commit({ remove: [{ queue: LOGS, keys: records.map(({ key }) => key) }] });
  } while (await job.refill());
  expect(taken).toEqual(Array.from({ length: 25_000 }, (_, i) => `line ${i}`));
  expect(Math.max(...steps)).toBeLessThan(25_000);
});

test("a refill that fails is reported by the next run", async () => {
  let fails = false;
  const failing = {
    ...storage,
    commit: async (change: Change) => {
      if (fails) throw new StorageError("the disk is full");
      await storage.commit(change);
    },
  };
  const job = jobOver({ storage: failing });
  await job.run(0, never);
  writeFileSync(`${directory}/a.log`, "1\n");
  clock.pass(2);
  fails = true;
  expect(await job.refill()).toBe(false);
  await expect(job.run(0, never)).rejects.toThrow(StorageError);
  fails = false;
  expect(await job.refill()).toBe(false);
  expect(await messages()).toEqual(["1"]);
});

test("files that exist at the very first start begin at their end, later ones at their beginning", async () => {
  writeFileSync(`${directory}/old.log`, "old\n");
  const job = jobOver();
  await job.run(0, never);
  writeFileSync(`${directory}/new.log`, "new\n");
  await job.close();
  await jobOver().run(0, never);
  expect(await messages()).toEqual(["new"]);
});

test("a file that appears later is read with what was rotated away before it was found", async () => {
  const job = jobOver();
  await job.run(0, never);
  writeFileSync(`${directory}/a.log.2`, "1\n");
  writeFileSync(`${directory}/a.log.1`, "2\n");
  writeFileSync(`${directory}/a.log`, "3\n");
  clock.pass(2);
  await job.run(0, never);
  expect(await messages()).toEqual(["1", "2", "3"]);
});

test("what is truncated while the queue is full is counted and logged", async () => {
  const news: string[] = [];
  const full = { ...storage, size: async () => ({ count: 1e6, oldest: 0, newest: 0 }) };
  const job = jobOver({ storage: full, news: (_, message) => news.push(message) });
  await job.run(0, never);
  writeFileSync(`${directory}/a.log`, "lost\n");
  clock.pass(2);
  await job.run(0, never);
  truncateSync(`${directory}/a.log`);
  await job.run(0, never);
  const path = `${directory}/a.log`;
  expect(news).toEqual([`logs of file:${path}: 1 file was removed or truncated before all of it was read`]);
  clock.pass(20);
  await job.run(0, never);
  const note = JSON.parse((await storage.note(`${LOG_NOTES}file:${path}`)) ?? "{}");
  expect(note.shape.counts).toMatchObject({ lines: 0, lost: 1 });
});

test("a rotated file that a glob names too is not read twice", async () => {
  await jobOver().run(0, never);
  writeFileSync(`${directory}/a.log`, "1\n");
  clock.pass(11);
  const job = jobOver();
  await job.run(0, never);
  writeFileSync(`${directory}/a.1.log`, "1\n");
  clock.pass(11);
  await job.run(0, never);
  expect(await messages()).toEqual(["1"]);
});
