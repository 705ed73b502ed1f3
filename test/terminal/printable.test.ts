import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { printable, printableJson, printableLines } from "../../src/terminal/printable.ts";

/** What no terminal may get: ESC and its like, C1, and marks of direction. */
const ACTING = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u;

const foreign = fc.string({
  unit: fc.oneof(
    fc.constantFrom("\x1b", "\x07", "\n", "\x9b", "\u202e", "\u2066", "ü", "𐊧"),
    fc.string({ unit: "binary" }),
  ),
});

describe("printable", () => {
  test.each([
    ["\x1b]0;title\x07", "\\u001b]0;title\\u0007"],
    ["\x9b31m", "\\u009b31m"],
    ["user\u202egnp.exe\u2069", "user\\u202egnp.exe\\u2069"],
    ["two\nlines\r", "two\\u000alines\\u000d"],
    ["größe 🌡 °C", "größe 🌡 °C"],
  ])("shows %j as %j", (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  test("leaves nothing that a terminal acts on, in text, lines and JSON", () => {
    fc.assert(
      fc.property(foreign, (text) => {
        expect(printable(text)).not.toMatch(ACTING);
        expect(printableLines(text).replaceAll("\n", "")).not.toMatch(ACTING);
        expect(printableJson({ [text]: [text] })).not.toMatch(ACTING);
      }),
    );
  });

  test("JSON that may be shown says the same as before", () => {
    fc.assert(
      fc.property(foreign, (text) => {
        expect(JSON.parse(printableJson({ text }))).toEqual({ text });
      }),
    );
  });

  test("line ends of several lines are kept", () => {
    expect(printableLines("a\x1b\nb")).toBe("a\\u001b\nb");
  });
});
