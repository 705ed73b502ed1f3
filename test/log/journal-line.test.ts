import { expect, test } from "bun:test";
import { journalLine, markedForJournal } from "../../src/log/journal-line.ts";

test("a line of the log has its priority", () => {
  expect(journalLine("warn", "the intake does not answer")).toBe("<4>the intake does not answer\n");
  expect(journalLine("other", "a")).toBe("<6>a\n");
});

test("lines beside the log are errors; those of the log, in either form, stay as they are", () => {
  expect(markedForJournal("Invalid configuration:\n  API_KEY: got nothing\n")).toBe(
    "<3>Invalid configuration:\n<3>  API_KEY: got nothing\n",
  );
  expect(markedForJournal("warning: a\n")).toBe("<4>warning: a\n");
  for (const line of ["<6>started\n", '{"level":"info"}\n', "\n", ""])
    expect(markedForJournal(line)).toBe(line);
});
