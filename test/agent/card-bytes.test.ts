import { expect, test } from "bun:test";
import { createCardBytes } from "../../src/agent/card-bytes.ts";
import { testClock } from "../helpers/clock.ts";

/** An hour before midnight. */
const LATE = 86_400 * 20_000 - 3600;

function setUp(written: (number | undefined)[]) {
  const clock = testClock(LATE);
  return { clock, card: createCardBytes(clock, () => written.shift()) };
}

test("counts from the start of the agent, then from the last look before midnight", () => {
  const { clock, card } = setUp([1000, 5000, 5000, 9000]);
  expect(card.today()).toBe(1000);
  expect(card.sinceLast()).toBe(5000);
  clock.pass(3600);
  expect([card.today(), card.today()]).toEqual([0, 4000]);
});

test("gives each capture what was written since the one before", () => {
  const { card } = setUp([4096, 4096, 12_288]);
  expect([card.sinceLast(), card.sinceLast(), card.sinceLast()]).toEqual([4096, 0, 8192]);
});

test("knows nothing where the kernel does not count", () => {
  const { card } = setUp([undefined, undefined]);
  expect([card.today(), card.sinceLast()]).toEqual([undefined, undefined]);
});
