import { afterAll, expect, test } from "bun:test";
import { closeSync, fstatSync, openSync } from "node:fs";
import { isJournal } from "../../src/io/journal-stream.ts";

const file = openSync("/dev/null", "r");
afterAll(() => closeSync(file));
const { dev, ino } = fstatSync(file);

test.each([
  [`${dev}:${ino}`, true],
  [`${dev}:${ino + 1}`, false],
  ["", false],
  ["yes", false],
  [undefined, false],
])("the journal is %p: %p", (JOURNAL_STREAM, expected) => {
  expect(isJournal({ JOURNAL_STREAM }, file)).toBe(expected);
});

test("a descriptor that is closed is not the journal", () => {
  expect(isJournal({ JOURNAL_STREAM: `${dev}:${ino}` }, 999_999)).toBe(false);
});
