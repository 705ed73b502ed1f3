import { expect, test } from "bun:test";
import { appendFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { LOG_NOTES } from "../../src/storage/storage.ts";
import { jobRig, never } from "./logs-job-rig.ts";

const rig = jobRig();

test("files that exist at the very first start begin at their end, later ones at their beginning", async () => {
  writeFileSync(`${rig.directory}/old.log`, "old\n");
  const job = rig.jobOver();
  await job.run(0, never);
  writeFileSync(`${rig.directory}/new.log`, "new\n");
  await job.close();
  await rig.jobOver().run(0, never);
  expect(await rig.messages()).toEqual(["new"]);
});

test("a file that appears later is read with what was rotated away before it was found", async () => {
  const job = rig.jobOver();
  await job.run(0, never);
  writeFileSync(`${rig.directory}/a.log.2`, "1\n");
  writeFileSync(`${rig.directory}/a.log.1`, "2\n");
  writeFileSync(`${rig.directory}/a.log`, "3\n");
  rig.clock.pass(2);
  await job.run(0, never);
  expect(await rig.messages()).toEqual(["1", "2", "3"]);
});

test("what is truncated while the queue is full is counted and logged", async () => {
  const news: string[] = [];
  const full = { ...rig.storage, size: async () => ({ count: 1e6, oldest: 0, newest: 0 }) };
  const job = rig.jobOver({ storage: full, news: (_, message) => news.push(message) });
  await job.run(0, never);
  writeFileSync(`${rig.directory}/a.log`, "lost\n");
  rig.clock.pass(2);
  await job.run(0, never);
  truncateSync(`${rig.directory}/a.log`);
  await job.run(0, never);
  const path = `${rig.directory}/a.log`;
  expect(news).toEqual([`logs of file:${path}: 1 file was removed or truncated before all of it was read`]);
  rig.clock.pass(20);
  await job.run(0, never);
  const note = JSON.parse((await rig.storage.note(`${LOG_NOTES}file:${path}`)) ?? "{}");
  expect(note.shape.counts).toMatchObject({ lines: 0, lost: 1 });
});

test("a rotated file that a glob names too is not read twice", async () => {
  await rig.jobOver().run(0, never);
  writeFileSync(`${rig.directory}/a.log`, "1\n");
  rig.clock.pass(11);
  const job = rig.jobOver();
  await job.run(0, never);
  writeFileSync(`${rig.directory}/a.1.log`, "1\n");
  rig.clock.pass(11);
  await job.run(0, never);
  expect(await rig.messages()).toEqual(["1"]);
});

test("the position in a file that vanished a week ago is forgotten, and so is an entry that is no longer configured", async () => {
  const job = rig.jobOver();
  await job.run(0, never);
  for (const name of ["a", "b"]) writeFileSync(`${rig.directory}/${name}.log`, `${name}\n`);
  rig.clock.pass(2);
  await job.run(0, never);
  await rig.storage.commit({
    notes: { "logs:entry:/gone": JSON.stringify({ position: 1, readAt: 1, shape: {}, waiting: 0 }) },
  });
  rmSync(`${rig.directory}/a.log`);
  const kept = async () =>
    Object.entries(await rig.storage.notes(LOG_NOTES)).flatMap(([name, text]) => (text === "" ? [] : [name]));
  rig.clock.pass(3601);
  await job.run(0, never);
  const own = [`logs:entry:${rig.directory}/*.log`, `logs:file:${rig.directory}/b.log`];
  expect(await kept()).toEqual([own[0] ?? "", `logs:file:${rig.directory}/a.log`, own[1] ?? ""]);
  for (let day = 0; day < 8; day++) {
    rig.clock.pass(86_400);
    await job.run(0, never);
  }
  expect(await kept()).toEqual(own);
});

test("a clock that jumps neither loses nor repeats a line", async () => {
  const job = rig.jobOver();
  await job.run(0, never);
  const written: string[] = [];
  for (const now of [1_700_000_000, 1_900_000_000, 0, 1_700_000_100]) {
    rig.clock.set(now);
    written.push(`at ${now}`);
    appendFileSync(`${rig.directory}/a.log`, `at ${now}\n`);
    rig.clock.pass(2);
    await job.run(0, never);
  }
  expect((await rig.messages()).sort()).toEqual(written.sort());
});
