import { afterEach, beforeEach, expect, test } from "bun:test";
import { rm } from "node:fs/promises";
import { openSqlite } from "../../../src/storage/sqlite/sqlite.ts";
import type { Storage } from "../../../src/storage/storage.ts";
import { type SpoolRig, spoolRig } from "./rig.ts";

const LOGS = "chouette:logs:wrapped";
const ALL = { limit: 100, maxBytes: 1e6, maxBody: 1e6 };

let rig: SpoolRig;
beforeEach(async () => {
  rig = await spoolRig(openSqlite)();
});
afterEach(() => rig.close());

/** Queues a line of a source together with the position behind it. */
async function take(storage: Storage, line: number): Promise<void> {
  const records = [{ key: `line-${line}`, at: line, body: JSON.stringify({ message: `${line}` }) }];
  await storage.commit({ add: [{ queue: LOGS, records }], notes: { "logs:file:/a": `${line}` } });
}

/** What a power cut leaves: the card. */
async function afterPowerCut(): Promise<{ position: string | undefined; lines: string[] }> {
  await rm(`${rig.dir}/hot.db`, { force: true });
  const storage = rig.another();
  const lines = (await storage.peek(LOGS, ALL)).map(({ key }) => key);
  const position = await storage.note("logs:file:/a");
  await storage.close();
  return { position, lines };
}

test("after a power cut, lines and position are those of one moment", async () => {
  await take(rig.storage, 1);
  await take(rig.storage, 2);
  await rig.storage.persist("logs");
  await take(rig.storage, 3);
  expect(await afterPowerCut()).toEqual({ position: "2", lines: ["line-1", "line-2"] });
});

test("lines that were delivered do not come back once their position is on the card", async () => {
  await take(rig.storage, 1);
  await rig.storage.commit({ remove: [{ queue: LOGS, keys: ["line-1"] }] });
  await rig.storage.persist("logs");
  expect(await afterPowerCut()).toEqual({ position: "1", lines: [] });
});

test("the whole backlog moves to the card with the positions of its sources", async () => {
  await take(rig.storage, 1);
  await rig.storage.persist();
  expect(await rig.card().notes("logs:")).toEqual({ "logs:file:/a": "1" });
  expect(await rig.hot().peek(LOGS, ALL)).toEqual([]);
});

test("logs of applications alone stay in RAM while deliveries succeed", async () => {
  await rig.storage.commit({ add: [{ queue: LOGS, records: [{ key: "a", at: 1, body: "{}" }] }] });
  await rig.storage.persist("logs");
  expect((await rig.card().size(LOGS)).count).toBe(0);
});
