import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { isAsciiLocale, toAscii } from "../../src/terminal/ascii.ts";

describe("the locale", () => {
  test.each([
    [{ LC_ALL: "C" }, true],
    [{ LC_ALL: "POSIX", LANG: "de_DE.UTF-8" }, true],
    [{ LC_CTYPE: "C" }, true],
    [{ LANG: "C" }, true],
    [{ LC_ALL: "", LANG: "C" }, true],
    [{ LC_ALL: "C.UTF-8", LANG: "C" }, false],
    [{ LANG: "de_DE.UTF-8" }, false],
    [{}, false],
  ])("%j is ASCII: %p", (env, expected) => {
    expect(isAsciiLocale(env)).toBe(expected);
  });
});

describe("text in ASCII", () => {
  test("has Chouette's own signs in other words, and foreign characters by number", () => {
    expect(toAscii("47.5 °C … größe 🌡\n")).toBe("47.5 C ... gr\\u00f6\\u00dfe \\ud83c\\udf21\n");
  });

  test("is the same document where it was JSON", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: "binary" }), fc.string({ unit: "binary" })), (document) => {
        const text = toAscii(JSON.stringify(document));
        expect(text).toMatch(/^[\0-\x7f]*$/);
        expect(JSON.parse(text)).toEqual(document);
      }),
    );
  });
});
