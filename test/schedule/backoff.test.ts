import { expect, test } from "bun:test";
import { backoffSeconds } from "../../src/schedule/backoff.ts";

test("backoff doubles after each failure, up to 64 s, with jitter in the upper half", () => {
  const range = (failures: number) => [backoffSeconds(failures, () => 0), backoffSeconds(failures, () => 1)];
  expect([1, 2, 3, 4, 5, 6, 100].map(range)).toEqual([
    [2, 4],
    [4, 8],
    [8, 16],
    [16, 32],
    [32, 64],
    [32, 64],
    [32, 64],
  ]);
});
