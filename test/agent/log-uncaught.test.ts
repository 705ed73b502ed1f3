import { expect, test } from "bun:test";
import { reportUncaught } from "../../src/agent/log-uncaught.ts";
import { createLogger } from "../../src/log/log.ts";
import { testClock } from "../helpers/clock.ts";

type Line = { level: string; msg: string; err: { message: string; stack: string } };

function watch() {
  const clock = testClock(0);
  const lines: Line[] = [];
  const stream = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const log = createLogger({ level: "info", stream, format: "json", color: false, secrets: [], clock });
  return { report: reportUncaught(log, clock), lines, clock };
}

test("an uncaught error is logged with its stack", () => {
  const { report, lines } = watch();
  const error = new TypeError("late boom");
  report(error);
  expect(lines).toEqual([
    expect.objectContaining({
      level: "error",
      msg: expect.stringContaining("uncaught error"),
      err: expect.objectContaining({ message: "late boom", stack: String(error.stack) }),
    }),
  ]);
});

test.each<[string, unknown, string]>([
  ["a string", "no bus", "no bus"],
  ["undefined", undefined, "undefined"],
  ["an object", { code: 7n }, "a value that is not an Error"],
  ["an object without a prototype", Object.create(null), "a value that is not an Error"],
  [
    "an error whose message is not a string",
    Object.assign(new Error(), { message: { a: 1 } }),
    "[object Object]",
  ],
  [
    "an error that throws when it is looked at",
    Object.defineProperty(new Error(), "message", {
      get() {
        throw new Error("no");
      },
    }),
    "a value that is not an Error",
  ],
])("what was thrown may be %s", (_, thrown, message) => {
  const { report, lines } = watch();
  report(thrown);
  expect(lines.map(({ err }) => err.message)).toEqual([message]);
});

test("endless errors are logged once an hour each, and at most twenty different ones", () => {
  const { report, lines, clock } = watch();
  for (let n = 0; n < 1000; n++) report(new Error(`no answer after ${n} ms`));
  expect(lines.map(({ err }) => err.message)).toEqual(["no answer after 0 ms"]);
  for (let n = 0; n < 1000; n++) report(new Error("x".repeat(n)));
  expect(lines).toHaveLength(21);
  clock.pass(3600);
  report(new Error("no answer after 7 ms"));
  expect(lines.at(-1)?.msg).toEndWith(", 999 more since");
});
