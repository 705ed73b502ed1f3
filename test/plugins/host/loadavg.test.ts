import { expect, test } from "bun:test";
import { ParseError } from "../../../src/errors.ts";
import { parseLoadavg } from "../../../src/plugins/host/loadavg.ts";
import { captured, readByHand } from "./captures.ts";

test("what a machine prints", () => {
  const path = "proc/loadavg/procfs.txt";
  const expected = readByHand<Record<string, number>>(path);
  expect(parseLoadavg(captured(path))).toEqual({
    one: expected["1m"] ?? NaN,
    five: expected["5m"] ?? NaN,
    fifteen: expected["15m"] ?? NaN,
    runnable: 1,
    threads: 497,
  });
});

test.each([
  "",
  "0.02 0.04 0.05",
  "0.02 0.04 0.05 1/497",
  "0,02 0,04 0,05 1/497 11947\n",
  "-0.02 0.04 0.05 1/497 11947\n",
  "0.02 0.04 0.05 1-497 11947\n",
  "0.02 0.04 0.05 1/497 11947\nmore\n",
])("%j is a ParseError", (text) => {
  expect(() => parseLoadavg(text)).toThrow(new ParseError("/proc/loadavg", text));
});
