import { expect, test } from "bun:test";
import { pushRaw, recordsOf } from "../helpers/memory-storage.ts";
import { NOW, point, setUp, WRAPPED } from "./aggregate-rig.ts";

test("a window whose closing may be forgotten gets a second that no earlier point of it has", async () => {
  const { storage, pass } = setUp();
  const start = NOW - 5;
  // As after a power cut in the window that begins at start - 20.
  await storage.commit({ notes: { "stamps-since": `${start - 12}` }, stamps: [start - 15] });
  await pushRaw(
    storage,
    { timestamp: start - 30, value: 1 },
    { timestamp: start - 20, value: 2 },
    { timestamp: start - 10, value: 4 },
  );
  await pass();
  const points = [
    [start - 25, 1],
    [start - 14, 2],
    [start - 10, 4],
  ];
  expect(await recordsOf(storage, WRAPPED)).toEqual([point(0, 0, { points })]);
});
