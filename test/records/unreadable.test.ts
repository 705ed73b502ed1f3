import { expect, test } from "bun:test";
import { unreadable } from "../../src/records/unreadable.ts";

test.each([
  ["a key without a value", { body: undefined, bytes: 0 }, "no value"],
  ["a value that is too large", { body: undefined, bytes: 2_000_000 }, "2000000 bytes"],
  ["a value that the card changed", { body: undefined, bytes: 20, damaged: true }, "checksum"],
  ["a value that is not a record", { body: '"text"', bytes: 6 }, "not a record"],
])("%s is refused with its reason", (_, record, reason) => {
  expect(unreadable({ key: "k", at: 1, ...record })).toContain(reason);
});
