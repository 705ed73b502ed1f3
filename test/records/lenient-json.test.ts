import { expect, test } from "bun:test";
import fc from "fast-check";
import { parseLenientJson } from "../../src/records/lenient-json.ts";

test.each([
  ['{"value": NaN}', { value: null }],
  ['{"value": [Infinity, -Infinity, 1]}', { value: [null, null, 1] }],
  ["NaN", null],
  ["null", null],
  ['{"a": "NaN", "b": NaN}', { a: "NaN", b: null }],
  ['{"a\\"NaN": "\\\\", "b": -Infinity}', { 'a"NaN': "\\", b: null }],
  ['{"text": "-Infinity"}', { text: "-Infinity" }],
])("reads %s", (text, value) => {
  expect(parseLenientJson(text)).toEqual(value);
});

test.each([
  "",
  "{",
  "nan",
  "-NaN",
  "1NaN",
  "NaN1",
  "xInfinity",
  '{"a": NaN',
  '"NaN',
  '"NaN\\',
  '{"a": infinity}',
  "{'a': NaN}",
  "undefined",
])("%p is not JSON", (text) => {
  expect(parseLenientJson(text)).toBeUndefined();
});

test("what JSON can say is read as JSON.parse reads it", () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(parseLenientJson(text)).toEqual(JSON.parse(text));
    }),
  );
});

test("every number of a document may be a bare word, whatever its strings hold", () => {
  const word = fc.constantFrom("NaN", "Infinity", "-Infinity");
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom('"', "\\", "NaN", "-Infinity", "é", "😀") }),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(text, word, text)), (entries) => {
      const written = entries.map(
        ([key, bare, value]) => `[${JSON.stringify(key)},${bare},${JSON.stringify(value)}]`,
      );
      expect(parseLenientJson(`[${written.join(",")}]`)).toEqual(
        entries.map(([key, , value]) => [key, null, value]),
      );
    }),
  );
});

test("a key named __proto__ is data and changes no prototype", () => {
  const value = parseLenientJson('{"__proto__": {"polluted": true}, "v": NaN}') as Record<string, unknown>;
  expect(Object.entries(value)).toEqual([
    ["__proto__", { polluted: true }],
    ["v", null],
  ]);
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
});

test("a megabyte of quotes and backslashes that never ends is given up in time", () => {
  const started = performance.now();
  expect(parseLenientJson(`NaN${'"\\'.repeat(500_000)}`)).toBeUndefined();
  expect(parseLenientJson(`[NaN,"${'\\"'.repeat(500_000)}`)).toBeUndefined();
  expect(parseLenientJson(`${"[".repeat(1_000_000)}NaN`)).toBeUndefined();
  expect(parseLenientJson(`${"[".repeat(101)}NaN${"]".repeat(101)}`)).toBeUndefined();
  expect(parseLenientJson(`${"[".repeat(100)}NaN${"]".repeat(100)}`)).toBeDefined();
  expect(performance.now() - started).toBeLessThan(5000);
});
