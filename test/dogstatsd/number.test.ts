import { expect, test } from "bun:test";
import fc from "fast-check";
import { parseNumber } from "../../src/dogstatsd/number.ts";

test.each([
  ["0", 0],
  ["+4", 4],
  ["-10", -10],
  ["007", 7],
  ["5.", 5],
  [".5", 0.5],
  ["-.5E-1", -0.05],
  ["1e3", 1000],
  ["0x10p0", 16],
  ["0x1.8p1", 3],
  ["-0X.8P-1", -0.25],
  ["1e999", Number.POSITIVE_INFINITY],
  ["nan", Number.NaN],
  ["-Inf", Number.NaN],
  ["+infinity", Number.NaN],
])("%p is %p", (text, number) => {
  expect(parseNumber(text)).toBe(number);
});

test.each([
  "",
  " ",
  "1 ",
  "1,5",
  "1_000",
  "0x10",
  "0xp1",
  "0x.p1",
  "1d1",
  ".",
  "e5",
  "1e",
  "--1",
  "١",
  "true",
  "1:2",
])("%p is not a number", (text) => {
  expect(parseNumber(text)).toBeUndefined();
});

test("every finite number survives printing by JavaScript and parsing", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
      expect(parseNumber(String(number))).toBe(Number(String(number)));
    }),
  );
});
