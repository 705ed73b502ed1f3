import { expect, test } from "bun:test";
import { pushRaw } from "../helpers/memory-storage.ts";
import { counts, NOW, setUp } from "./aggregate-rig.ts";

/** 80,000 elements that no other record of these has. */
const elements = (record: number) => Array.from({ length: 80_000 }, (_, index) => `${record}-${index}`);

test("a set that takes too much memory is counted in parts, and the report names it", async () => {
  const { storage, pass } = setUp();
  const records = Array.from({ length: 8 }, (_, record) => ({
    metric: "visitors",
    type: "set",
    value: elements(record),
    timestamp: NOW - 15 + record / 100,
  }));
  await pushRaw(storage, { metric: "good", timestamp: NOW - 15, value: 3 }, ...records);
  expect(await pass()).toMatchObject({ raw: 9, rejected: { count: 0 }, left: 0, flood: "visitors" });
  expect(await counts(storage)).toEqual({ sum: 640_003, doubled: [] });
});

test("a set of as many elements that are the same is counted once, and no flood", async () => {
  const { storage, pass } = setUp();
  const value = elements(0);
  const records = Array.from({ length: 8 }, () => ({
    metric: "visitors",
    type: "set",
    value,
    timestamp: NOW - 15,
  }));
  await pushRaw(storage, ...records);
  expect(await pass()).toMatchObject({ raw: 8, points: 1, flood: undefined });
  expect((await counts(storage)).sum).toBe(80_000);
});
