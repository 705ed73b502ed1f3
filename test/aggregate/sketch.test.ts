import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { binKey, sketchOf } from "../../src/aggregate/sketch.ts";

describe("the bin of a value", () => {
  test.each([
    [1, 1338],
    [-1, -1338],
    [0, 0],
    [1e-10, 0],
    [-1e-10, -0],
    [1e-9, 1],
    [1.015625, 1339],
    [2, 1383],
    [3.4e38, 7060],
  ])("%p is %d", (value, key) => {
    expect(binKey(value)).toBe(key);
  });

  test("is right to a 128th of any value", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 3.4e38, noNaN: true }), (value) => {
        const middle = 1.015625 ** (binKey(value) - 1338);
        expect(Math.abs(middle - value) / value).toBeLessThan(1 / 127);
      }),
    );
  });
});

describe("a sketch", () => {
  test("counts the values of each bin, by their weights", () => {
    expect(sketchOf([2, 1, 1.0009765625, -1], undefined)).toEqual({
      count: 4,
      min: -1,
      max: 2,
      sum: 3.0009765625,
      bins: [
        [-1338, 1],
        [1338, 2],
        [1383, 1],
      ],
    });
    expect(sketchOf([2, 1], [10, 1])).toEqual({
      count: 11,
      min: 1,
      max: 2,
      sum: 21,
      bins: [
        [1338, 1],
        [1383, 10],
      ],
    });
  });

  test("has 4096 bins at most, and joins the smallest values", () => {
    const values = Array.from({ length: 6000 }, (_, n) => 1e-6 * 1.015625 ** (1.001 * n));
    const { bins, count } = sketchOf(values, undefined);
    expect(bins.length).toBe(4096);
    expect(bins.reduce((total, [, number]) => total + number, 0)).toBe(count);
    expect(bins[0]?.[1]).toBeGreaterThan(1000);
  });
});
