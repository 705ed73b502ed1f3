import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { addToSum, emptySum, sumTotal } from "../../src/aggregate/exact-sum.ts";

function sumOf(values: readonly number[]): number {
  const sum = emptySum();
  for (const value of values) addToSum(sum, value);
  return sumTotal(sum);
}

describe("a sum", () => {
  test.each<[number[], number]>([
    [[], 0],
    [[3, -5, 9], 7],
    // Tenths are no binary fractions: one after the other they come to 0.9999999999999999.
    [Array(10).fill(0.1), 1],
    [[1e16, 1, -1e16], 1],
    [[1e100, 1, -1e100, 1e-100], 1],
    // Half-way between two numbers, and a little more or less than that.
    [[2 ** 53, 1], 2 ** 53],
    [[2 ** 53, 1, 2 ** -60], 2 ** 53 + 2],
    [[2 ** 53 + 2, 1, -(2 ** -60)], 2 ** 53 + 2],
    [[Number.MAX_SAFE_INTEGER, 2, -2], Number.MAX_SAFE_INTEGER],
  ])("of %j is %d", (values, total) => {
    expect(sumOf(values)).toBe(total);
  });

  test("that is too large for a double is infinite, and stays so", () => {
    expect(sumOf([1.7e308, 1.7e308])).toBe(Infinity);
    expect(sumOf([-1.7e308, -1.7e308, 5])).toBe(-Infinity);
  });

  test("does not depend on the order of the values", () => {
    const value = fc.oneof(fc.integer(), fc.double({ noNaN: true, min: -1e300, max: 1e300 }));
    const shuffled = fc
      .array(value, { maxLength: 30 })
      .chain((values) =>
        fc.tuple(
          fc.constant(values),
          fc.shuffledSubarray(values, { minLength: values.length, maxLength: values.length }),
        ),
      );
    fc.assert(
      fc.property(shuffled, ([values, others]) => {
        expect(sumOf(others) + 0).toBe(sumOf(values) + 0);
      }),
      { numRuns: 500 },
    );
  });
});
