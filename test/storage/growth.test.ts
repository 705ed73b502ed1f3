import { expect, test } from "bun:test";
import { measuringGrowth, readGrowth } from "../../src/storage/counts/growth.ts";
import { sizeOnCard } from "../../src/storage/sqlite/stored-body.ts";
import { setUp as inspectRig } from "../commands/inspect-rig.ts";
import { memoryStorage } from "../helpers/memory-storage.ts";
import { add, RAW, record, WRAPPED } from "./rig.ts";

test("what comes in per second is noted once a minute, over the last half day at least, without raw metrics", async () => {
  let now = 1000;
  const storage = memoryStorage();
  const measured = measuringGrowth(
    storage,
    ({ length }) => length,
    () => now,
  );
  await add(measured, WRAPPED, record("a", 1), record("b", 1));
  expect(await readGrowth(storage)).toBeUndefined();
  now += 60;
  await add(measured, RAW, record("r", 1));
  expect(await readGrowth(storage)).toBe(0.03333);
  now += 60;
  await add(measured, WRAPPED, record("c", 1), record("d", 1));
  expect(await readGrowth(storage)).toBe(0.03333);
  // Two days at another pace: the first hours are forgotten.
  for (let hour = 0; hour < 48; hour++) {
    now += 3600;
    await add(measured, WRAPPED, ...Array.from({ length: 36 }, (_, n) => record(`${hour}-${n}`, 1)));
  }
  expect(await readGrowth(storage)).toBeCloseTo(0.01, 3);
});

test("a record on the card is counted as it is stored: deflated where it is long", () => {
  expect(sizeOnCard([])).toBe(0);
  expect(sizeOnCard([record("a", 1, "x".repeat(100)), record("b", 1, "x".repeat(200))])).toBe(500);
  expect(sizeOnCard([record("a", 1, "x".repeat(10_000))])).toBeLessThan(200);
});

test("inspect-queue says for how long there is room, and what is used while the pace is not known", async () => {
  const { storage, call } = inspectRig();
  const room = async () => ({ used: 12_300, most: 256_000_000, unit: "bytes" }) as const;
  const found = { ...storage, room };
  expect((await call({}, found)).printed).toContain("\nroom           12.3 kB of 256.0 MB used\n");
  await storage.commit({ notes: { growth: "935.4" } });
  const { printed } = await call({}, found);
  expect(printed).toContain("room           for 3 d 4 h at today's rate, 12.3 kB of 256.0 MB used\n");
  expect(JSON.parse((await call({ json: true }, found)).printed).room).toEqual({
    used: 12_300,
    most: 256_000_000,
    unit: "bytes",
    seconds: (256_000_000 - 12_300) / 935.4,
  });
});
