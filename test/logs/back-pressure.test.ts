import { expect, test } from "bun:test";
import { createBackPressure } from "../../src/logs/back-pressure.ts";
import type { Room } from "../../src/storage/storage.ts";
import { testClock } from "../helpers/clock.ts";

const QUEUE = "chouette:logs:wrapped";
const PATIENCE = 180;

function setUp() {
  const clock = testClock(1_700_000_000);
  let count = 0;
  let room: Room | undefined;
  let counted = 0;
  const storage = {
    size: async () => {
      counted++;
      return { count, oldest: undefined, newest: undefined };
    },
    room: async () => room,
  };
  const pressure = createBackPressure(storage, QUEUE, clock, PATIENCE);
  const look = async (waiting: number) => {
    count = waiting;
    await pressure.look();
    return { file: pressure.isFull(true), socket: pressure.isFull(false) };
  };
  return {
    clock,
    pressure,
    look,
    counted: () => counted,
    use: (used: number) => {
      room = { used, most: 1000, unit: "bytes" };
    },
  };
}

test("what can wait waits above 10,000 records, what cannot does not", async () => {
  const { look } = setUp();
  expect(await look(9999)).toEqual({ file: false, socket: false });
  expect(await look(10_000)).toEqual({ file: true, socket: false });
  expect(await look(5000)).toEqual({ file: false, socket: false });
});

test("above 4 MB fewer records are enough", async () => {
  const { look, pressure } = setUp();
  await look(0);
  pressure.stored(20, 5_000_000);
  expect(pressure.isFull(true)).toBe(true);
  expect((await look(10)).file).toBe(false);
});

test("without a delivery nothing waits any more, until half of the storage is used", async () => {
  const { look, clock, use } = setUp();
  use(499);
  await look(10_000);
  clock.pass(PATIENCE + 1);
  expect(await look(10_001)).toEqual({ file: false, socket: false });
  use(500);
  expect(await look(15_000)).toEqual({ file: true, socket: true });
});

test("a delivery makes files wait again", async () => {
  const { look, clock } = setUp();
  await look(10_000);
  clock.pass(PATIENCE + 1);
  expect((await look(15_000)).file).toBe(false);
  expect((await look(14_000)).file).toBe(true);
});

test("a long queue is counted every other second only", async () => {
  const { look, clock, counted } = setUp();
  for (let i = 0; i < 5; i++) await look(150_000);
  expect(counted()).toBe(1);
  clock.pass(2);
  await look(150_000);
  expect(counted()).toBe(2);
});
