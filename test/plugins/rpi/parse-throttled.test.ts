import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { FLAGS, type Flag, parseThrottled } from "../../../src/plugins/rpi/parse-throttled.ts";
import { captures } from "./captures.ts";

type Expected = { now: Flag[]; since_boot: Flag[] };

describe("captured", () => {
  test.each([...captures<Expected>("vcgencmd get_throttled"), ...captures<Expected>("sysfs get_throttled")])(
    "%s",
    (_, text, { now, since_boot }) => {
      expect(parseThrottled(text)).toEqual({ now, sinceBoot: since_boot });
    },
  );
});

test("every bit has its flag, and the others none", () => {
  for (let bit = 0; bit < 32; bit += 1) {
    const now = FLAGS.filter((_, index) => index === bit);
    const sinceBoot = FLAGS.filter((_, index) => index + 16 === bit);
    expect(parseThrottled((2 ** bit).toString(16))).toEqual({ now, sinceBoot });
    expect(parseThrottled(`throttled=0x${(2 ** bit).toString(16)}\n`)).toEqual({ now, sinceBoot });
  }
});

test.each([
  "",
  "throttled=",
  "0x",
  "VCHI initialization failed",
  'error=1 error_msg="Command not registered"',
  "0x500000000",
  "-1",
  "5.5",
  "temp=62.3'C",
])("%p is invalid", (text) => {
  expect(parseThrottled(text)).toBeUndefined();
});

test("any text is a word or none", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const word = parseThrottled(text);
      expect(word === undefined || word.now.length + word.sinceBoot.length <= 8).toBe(true);
    }),
  );
});
