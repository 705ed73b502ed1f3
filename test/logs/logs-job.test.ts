import { expect, test } from "bun:test";
import { appendFileSync, writeFileSync } from "node:fs";
import { StorageError } from "../../src/errors.ts";
import { type Change, LOG_NOTES } from "../../src/storage/storage.ts";
import { jobRig, LOGS, never } from "./logs-job-rig.ts";

const rig = jobRig();

test("lines reach the queue in their order, with the position behind them in the same commit", async () => {
  const commits: Change[] = [];
  const watched = {
    ...rig.storage,
    commit: async (change: Change) => {
      commits.push(change);
      await rig.storage.commit(change);
    },
  };
  const job = rig.jobOver({ storage: watched });
  await job.run(0, never);
  writeFileSync(`${rig.directory}/a.log`, Array.from({ length: 5000 }, (_, i) => `line ${i}\n`).join(""));
  rig.clock.pass(11);
  await job.run(0, never);
  expect(await rig.messages()).toEqual(Array.from({ length: 5000 }, (_, i) => `line ${i}`));
  for (const { add, notes } of commits)
    if ((add?.[0]?.records.length ?? 0) > 0)
      expect(Object.keys(notes ?? {})).toEqual([`logs:file:${rig.directory}/a.log`]);
  await job.close();
});

test("a killed agent neither loses nor repeats a line", async () => {
  await rig.jobOver().run(0, never);
  writeFileSync(`${rig.directory}/a.log`, "1\n2\n");
  for (let i = 3; i < 9; i++) {
    rig.clock.pass(11);
    await rig.jobOver().run(0, never);
    appendFileSync(`${rig.directory}/a.log`, `${i}\n`);
  }
  expect(await rig.messages()).toEqual(["1", "2", "3", "4", "5", "6", "7"]);
});

test("a commit that fails is tried again before more is read, so that nothing is lost", async () => {
  let fails = false;
  const failing = {
    ...rig.storage,
    commit: async (change: Change) => {
      if (fails) throw new StorageError("the disk is full");
      await rig.storage.commit(change);
    },
  };
  const job = rig.jobOver({ storage: failing });
  await job.run(0, never);
  writeFileSync(`${rig.directory}/a.log`, "1\n");
  rig.clock.pass(11);
  fails = true;
  await expect(job.run(0, never)).rejects.toThrow(StorageError);
  appendFileSync(`${rig.directory}/a.log`, "2\n");
  await expect(job.run(0, never)).rejects.toThrow(StorageError);
  fails = false;
  await job.run(0, never);
  expect(await rig.messages()).toEqual(["1", "2"]);
});

test("files wait while the queue is full, and say how much", async () => {
  let count = 1e6;
  const full = { ...rig.storage, size: async () => ({ count, oldest: 0, newest: 0 }) };
  const job = rig.jobOver({ storage: full });
  await job.run(0, never);
  writeFileSync(`${rig.directory}/a.log`, "waits\n");
  rig.clock.pass(11);
  await job.run(0, never);
  expect(await rig.messages()).toEqual([]);
  const note = await rig.storage.note(`${LOG_NOTES}file:${rig.directory}/a.log`);
  expect(JSON.parse(note ?? "{}")).toMatchObject({ waiting: 6 });
  count = 0;
  rig.clock.pass(11);
  await job.run(0, never);
  expect(await rig.messages()).toEqual(["waits"]);
});

test("a backlog in a file is queued as far as there is room, and the rest when that was delivered", async () => {
  const job = rig.jobOver();
  await job.run(0, never);
  writeFileSync(`${rig.directory}/a.log`, Array.from({ length: 25_000 }, (_, i) => `line ${i}\n`).join(""));
  rig.clock.pass(2);
  await job.run(0, never);
  const taken: string[] = [];
  const steps: number[] = [];
  do {
    const records = await rig.storage.peek(LOGS, { limit: 1e6, maxBytes: 1e9, maxBody: 1e6 });
    steps.push(records.length);
    taken.push(...records.map(({ body }) => JSON.parse(body ?? "").message));
    await rig.storage.commit({ remove: [{ queue: LOGS, keys: records.map(({ key }) => key) }] });
  } while (await job.refill());
  expect(taken).toEqual(Array.from({ length: 25_000 }, (_, i) => `line ${i}`));
  expect(Math.max(...steps)).toBeLessThan(25_000);
});

test("a refill that fails is reported by the next run", async () => {
  let fails = false;
  const failing = {
    ...rig.storage,
    commit: async (change: Change) => {
      if (fails) throw new StorageError("the disk is full");
      await rig.storage.commit(change);
    },
  };
  const job = rig.jobOver({ storage: failing });
  await job.run(0, never);
  writeFileSync(`${rig.directory}/a.log`, "1\n");
  rig.clock.pass(2);
  fails = true;
  expect(await job.refill()).toBe(false);
  await expect(job.run(0, never)).rejects.toThrow(StorageError);
  fails = false;
  expect(await job.refill()).toBe(false);
  expect(await rig.messages()).toEqual(["1"]);
});
