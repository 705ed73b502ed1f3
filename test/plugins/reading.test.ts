import { describe, expect, test } from "bun:test";
import { type Quantity, reading, remainder, sound } from "../../src/plugins/reading.ts";

describe("a number that cannot be true is not sent", () => {
  test.each<[Quantity, number[], (number | undefined)[]]>([
    ["amount", [0, 1.5, 2 ** 63 - 1024], [-1, -0.001, 2 ** 63, 2 ** 64, Number.NaN, Infinity, undefined]],
    ["celsius", [-60, 0, 200], [-60.001, -127, -256, 200.001, 255, -650788.984, Number.NaN]],
    ["signed", [-398, 0, 2 ** 63 - 1024, 1024 - 2 ** 63], [2 ** 63, -(2 ** 63), Number.NaN, -Infinity]],
  ])("%s", (quantity, possible, impossible) => {
    expect(possible.map((value) => sound(value, quantity))).toEqual(possible);
    expect(impossible.map((value) => sound(value, quantity))).toEqual(impossible.map(() => undefined));
    expect(impossible.flatMap((value) => reading("m", value, 0, [], quantity))).toEqual([]);
  });
});

test("a reading is a gauge at the second of its capture", () => {
  expect(reading("m", 7, 12.9, ["b:2", "a:1"])).toEqual([
    { metric: "m", value: 7, timestamp: 12, tags: ["a:1", "b:2"], type: "gauge" },
  ]);
});

test("what is left of a whole is unknown where the part is larger or either is unknown", () => {
  expect([remainder(5, 3), remainder(5, 5), remainder(5, 6)]).toEqual([2, 0, undefined]);
  expect([remainder(undefined, 1), remainder(1, undefined)]).toEqual([undefined, undefined]);
});
