import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  mean,
  quantile as ofWeighted,
  sortWeighted,
  sum,
  weightedSum,
} from "../../src/aggregate/statistics.ts";

const quantile = (values: readonly number[], p: number) => ofWeighted(sortWeighted(values, undefined), p);

const numbers = fc.array(fc.double({ min: -1e9, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 50 });
const sortedNumbers = numbers.map((list) => [...list].sort((a, b) => a - b));

describe("quantile", () => {
  // numpy.percentile(values, 100 * p), numpy 1.24: worked out by its definition, rank = p * (n - 1).
  test.each([
    [[7], 0.95, 7],
    [[1, 2], 0.5, 1.5],
    [[1, 2, 3, 4], 0.25, 1.75],
    [[1, 2, 3, 4], 0.5, 2.5],
    [[1, 2, 3, 4], 0.95, 3.8499999999999996],
    [[15, 20, 35, 40, 50], 0.4, 29],
    [[0, 10], 0.999, 9.99],
    [[1, 2, 3], 0, 1],
    [[1, 2, 3], 1, 3],
    [[-5, -1, 4, 9.5], 0.75, 5.375],
  ])("of %p at %p is %p", (values, p, expected) => {
    expect(quantile(values, p)).toBe(expected);
  });

  test("lies between the smallest and the largest value and grows with p", () => {
    const fraction = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(sortedNumbers, fraction, fraction, (sorted, a, b) => {
        const [low, high] = [quantile(sorted, Math.min(a, b)), quantile(sorted, Math.max(a, b))];
        const slack = 1e-6;
        expect(low).toBeGreaterThanOrEqual((sorted[0] ?? 0) - slack);
        expect(high).toBeLessThanOrEqual((sorted.at(-1) ?? 0) + slack);
        expect(low).toBeLessThanOrEqual(high + slack);
      }),
    );
  });
});

test("sum and mean", () => {
  expect([sum([]), sum([1, 2, 3.5]), mean([1, 2, 6])]).toEqual([0, 6.5, 3]);
});

test("a weighted value counts as that many equal ones", () => {
  const weighted = fc.array(fc.tuple(fc.integer({ min: -99, max: 99 }), fc.integer({ min: 1, max: 9 })), {
    minLength: 1,
    maxLength: 20,
  });
  fc.assert(
    fc.property(weighted, fc.double({ min: 0, max: 1, noNaN: true }), (pairs, p) => {
      const sorted = sortWeighted(
        pairs.map(([value]) => value),
        pairs.map(([, weight]) => weight),
      );
      const repeated = pairs.flatMap(([value, weight]) => Array<number>(weight).fill(value));
      expect(ofWeighted(sorted, p)).toBe(quantile(repeated, p));
      expect([sorted.count, weightedSum(sorted)]).toEqual([repeated.length, sum(repeated)]);
    }),
  );
});
