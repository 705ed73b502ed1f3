import { expect, test } from "bun:test";
import { ConfigError, StorageError } from "../../src/errors.ts";
import { LeaseBusy } from "../../src/jobs/lease.ts";
import { explain } from "../../src/terminal/explain-error.ts";

test("every mistake of a configuration in a line of its own", () => {
  expect(explain(new ConfigError(["A: got 1, expects 2", "B: got nothing, expects 3"]))).toBe(
    "The configuration has to be mended:\n  A: got 1, expects 2\n  B: got nothing, expects 3",
  );
});

test("who is at work on a queue", () => {
  expect(explain(new LeaseBusy("812/120345/pid:[4026531836]/5c7f/pi4"))).toBe(
    "pid 812 on host pi4 is at work on this queue and has not finished; it will send what is there, or try again in a minute",
  );
});

test("other errors in their own words, whatever was thrown", () => {
  expect(explain(new StorageError("Redis is out of reach."))).toBe("Redis is out of reach.");
  expect(explain("a text")).toBe("a text");
  expect(explain(undefined)).toBe("undefined");
});
