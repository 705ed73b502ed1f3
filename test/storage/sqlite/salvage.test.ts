import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { copyFile, open, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readDropped } from "../../../src/storage/counts/read-dropped.ts";
import { seededRandom } from "../../helpers/random.ts";
import { ALL, RAW, record, WRAPPED } from "../rig.ts";
import { BACKENDS } from "./backends.ts";
import { stateDirectory } from "./state.ts";

// A compiled SQLite on a machine that does other things, too.
setDefaultTimeout(120_000);

const COUNT = 6000;

describe.each(BACKENDS)("a backlog on a card that flips bits: $name", (backend) => {
  const state = stateDirectory(backend);

  /** Two queues of 3000 points each, closed. */
  async function create(): Promise<number> {
    const storage = state.open();
    for (const queue of [RAW, WRAPPED] as const)
      await storage.commit({
        add: [{ queue, records: Array.from({ length: COUNT / 2 }, (_, i) => record(`k${i}`, i, body(i))) }],
        stamps: [7],
        notes: { n: "text" },
      });
    await storage.close();
    return (await stat(state.path)).size;
  }

  /** Opens it; checks that every record that is there is as it was written; returns how many there are and what was reported. */
  async function reopen(): Promise<{ found: number; reported: number }> {
    const storage = state.open();
    let found = 0;
    for (const queue of [RAW, WRAPPED] as const)
      for (const { key, body: text, damaged } of await storage.peek(queue, ALL)) {
        if (damaged === true) continue;
        expect({ key, isOneOfThem: BODIES.has(text ?? "") }).toEqual({ key, isOneOfThem: true });
        found++;
      }
    await storage.close();
    const reported = /; (\d+) of its records are kept/.exec(state.warnings.join("\n"))?.[1];
    return { found, reported: reported === undefined ? found : Number(reported) };
  }

  async function flip(bits: number, size: number, seed: number): Promise<void> {
    const { integer } = seededRandom(seed);
    const file = await open(state.path, "r+");
    // Not in the header of the file, without which it is not a database.
    for (let i = 0; i < bits; i++) {
      const at = integer(100, size - 1);
      const byte = Buffer.alloc(1);
      await file.read(byte, 0, 1, at);
      await file.write(Buffer.from([(byte[0] ?? 0) ^ (1 << integer(0, 7))]), 0, 1, at);
    }
    await file.close();
  }

  test.each([1, 2, 3, 4, 5, 6])("one bit costs the records of one page at most (seed %d)", async (seed) => {
    await flip(1, await create(), seed);
    const { found, reported } = await reopen();
    expect(found).toBeGreaterThanOrEqual(COUNT - 120);
    expect(reported).toBe(found);
  });

  test.each([11, 12, 13])("fifty bits leave a part of the backlog (seed %d)", async (seed) => {
    await flip(50, await create(), seed);
    const { found, reported } = await reopen();
    expect(found).toBeGreaterThanOrEqual(COUNT / 6);
    expect(reported).toBe(found);
  });

  test("a truncated file keeps the records of the pages that are left", async () => {
    const size = await create();
    await truncate(state.path, 4096 * Math.floor((size * 3) / 4 / 4096));
    const { found } = await reopen();
    expect(found).toBeGreaterThanOrEqual(COUNT / 4);
    expect(state.warnings.join()).toMatch(/lost/);
  });

  test("records that are lost are counted, and stamps and notes are kept", async () => {
    const size = await create();
    await flip(50, size, 21);
    const storage = state.open();
    expect([await storage.stamps(0, 9), await storage.note("n")]).toEqual([[7], "text"]);
    const { damaged = 0 } = await readDropped(storage);
    await storage.close();
    expect(damaged).toBeGreaterThan(0);
    expect(state.warnings.join()).toContain(`at least ${damaged} are lost`);
  });

  test("a database of 0 bytes is begun again", async () => {
    await create();
    await writeFile(state.path, "");
    expect((await reopen()).found).toBe(0);
  });
});

describe("a -wal file that is damaged in its middle", () => {
  const backend = BACKENDS[0];
  if (backend === undefined) throw new Error("no backend");
  const state = stateDirectory(backend);

  test("costs what the damaged page held, not every later commit, and that is reported", async () => {
    const writer = state.open();
    for (let i = 0; i < 200; i++)
      await writer.commit({ add: [{ queue: RAW, records: [record(`k${i}`, i, body(i))] }] });
    // As a power cut leaves it.
    const left = join(state.dir, "left.db");
    for (const suffix of ["", "-wal"]) await copyFile(state.path + suffix, left + suffix);
    const wal = await open(`${left}-wal`, "r+");
    const { size } = await wal.stat();
    const byte = Buffer.alloc(1);
    const at = Math.floor(size / 2);
    await wal.read(byte, 0, 1, at);
    await wal.write(Buffer.from([(byte[0] ?? 0) ^ 1]), 0, 1, at);
    await wal.close();
    const next = backend.openSqlite(left, {
      now: () => 0,
      fateOf: () => "unknown",
      warn: (message) => void state.warnings.push(message),
    });
    const found = (await next.peek(RAW, ALL)).filter(({ damaged }) => damaged !== true).map(({ key }) => key);
    expect(found.length).toBeGreaterThanOrEqual(150);
    expect(found).toContain("k199");
    expect(state.warnings.join()).toMatch(/damaged/);
    await next.close();
    await writer.close();
  });
});

const BODIES = new Set(Array.from({ length: COUNT }, (_, i) => body(i)));

function body(i: number): string {
  return JSON.stringify({
    metric: `device.metric.${i % 40}`,
    points: [[1_591_541_270 + i, i * 1.5]],
    tags: ["zone:a"],
  });
}
