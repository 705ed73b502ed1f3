import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parseLenientJson } from "../../src/records/lenient-json.ts";
import { losslessText, parseLosslessJson } from "../../src/records/lossless-json.ts";

const roundTrip = (text: string) => losslessText(parseLosslessJson(text));

describe("a text that is parsed and written again", () => {
  test.each([
    ['{"id": 9223372036854775807}', '{"id":9223372036854775807}'],
    ["[12345678901234567890.5, 2.0, 1e-05, -0.0]", "[12345678901234567890.5,2.0,1e-05,-0.0]"],
    ['{"a": NaN, "b": [Infinity, 10000000000000001]}', '{"a":null,"b":[null,10000000000000001]}'],
    ["[1e999, -1e999]", "[null,null]"],
    ['{"a": 1, "a": [2], "a": 3}', '{"a":3}'],
    [
      '{"__proto__": {"n": 1}, "toJSON": 2, "constructor": 3}',
      '{"__proto__":{"n":1},"toJSON":2,"constructor":3}',
    ],
    ['{"isLosslessNumber":true,"value":"12; drop"}', '{"isLosslessNumber":true,"value":"12; drop"}'],
    ['"\\"isLosslessNumber\\":true\\ud83d"', '"\\"isLosslessNumber\\":true\\ud83d"'],
  ])("%s", (text, written) => {
    expect(roundTrip(text)).toBe(written);
  });

  test("keeps the digits of every integer, wherever it is", () => {
    const integers = fc.array(fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }), { minLength: 1 });
    fc.assert(
      fc.property(integers, fc.jsonValue(), (numbers, other) => {
        const text = `{"list":[${numbers}],"inside":{"n":${numbers[0]}},"other":${JSON.stringify(other)}}`;
        expect(roundTrip(text)).toBe(text);
      }),
    );
  });

  test("is otherwise what JSON.parse and JSON.stringify make of it", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(JSON.parse(roundTrip(text))).toEqual(JSON.parse(text));
      }),
    );
  });
});

test("is undefined for exactly the texts for which parseLenientJson is", () => {
  const text = fc.oneof(
    fc.json(),
    fc.string(),
    fc.string({
      unit: fc.constantFrom(
        "[",
        "]",
        "{",
        "}",
        '"',
        "\\",
        ":",
        ",",
        "1",
        "-",
        ".",
        "e",
        " ",
        "NaN",
        "a",
        "\t",
      ),
    }),
  );
  fc.assert(
    fc.property(text, (json) => {
      expect(parseLosslessJson(json) === undefined).toBe(parseLenientJson(json) === undefined);
    }),
    { numRuns: 2000 },
  );
});

test("gives up what nests deeper than 100 levels", () => {
  expect(parseLosslessJson(`${"[".repeat(100)}1${"]".repeat(100)}`)).toBeDefined();
  expect(parseLosslessJson(`${"[".repeat(101)}1${"]".repeat(101)}`)).toBeUndefined();
  expect(parseLosslessJson("[".repeat(4_900_000))).toBeUndefined();
});
