import { expect, test } from "bun:test";
import { ConfigError, StorageError } from "../../src/errors.ts";
import { LeaseBusy } from "../../src/jobs/lease.ts";
import { explain } from "../../src/terminal/explain-error.ts";

test("each mistake of a configuration has a line of its own below the heading", () => {
  const [heading, ...issues] = explain(new ConfigError(["A: got 1, expects 2", "B: got nothing"])).split(
    "\n",
  );
  expect(heading).toContain("configuration");
  expect(issues).toEqual(["  A: got 1, expects 2", "  B: got nothing"]);
});

test("a busy queue is explained with the process that uses it", () => {
  expect(explain(new LeaseBusy("812/120345/pid:[4026531836]/5c7f/pi4"))).toStartWith("pid 812 on host pi4 ");
});

test("any other thrown value is shown in its own words", () => {
  expect(explain(new StorageError("Redis is out of reach."))).toBe("Redis is out of reach.");
  expect(explain("a text")).toBe("a text");
  expect(explain(undefined)).toBe("undefined");
});

test("escape sequences in an error are shown, not acted on", () => {
  expect(explain(new Error("said \x1b]0;root\x07"))).toBe("said \\u001b]0;root\\u0007");
  expect(explain(new LeaseBusy("\x9b31mroot"))).toStartWith("\\u009b31mroot ");
  expect(explain(new LeaseBusy("812////\x1b[31mpi"))).toStartWith("pid 812 on host \\u001b[31mpi ");
});
