import { expect, test } from "bun:test";
import { recordKey } from "../../src/records/key.ts";

test("a key is a UUID of version 7 that begins with the time", () => {
  expect(recordKey(1_645_557_742)).toMatch(/^017f22e2-79b0-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test("later keys sort after earlier ones, and two of the same millisecond differ", () => {
  expect(recordKey(1000) < recordKey(1000.001)).toBe(true);
  expect(recordKey(1000)).not.toBe(recordKey(1000));
});

test("a clock before 1970 or far ahead still gives a UUID", () => {
  for (const now of [-5, 0, 1e12])
    expect(recordKey(now)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/);
});
