import { expect, test } from "bun:test";
import fc from "fast-check";
import { overJsonLimits } from "../../src/json/json-limits.ts";
import { parseJson } from "../../src/json/parse-json.ts";

const nested = (levels: number, open = "[", close = "]") => open.repeat(levels) + close.repeat(levels);

test("a hundred levels are parsed, one more is too deep, whatever they are made of", () => {
  for (const [open, close] of [
    ["[", "]"],
    ['{"a":', "}"],
    ['[ {"b": ', " } ]"],
  ] as const) {
    const levels = open.startsWith("[ {") ? 50 : 100;
    const inside = (count: number) => `${open.repeat(count)}1${close.repeat(count)}`;
    expect(overJsonLimits(inside(levels))).toBeUndefined();
    expect(parseJson(inside(levels))).toEqual(JSON.parse(inside(levels)));
    expect(overJsonLimits(inside(levels + 1))).toBe("nests deeper than 100 levels");
    expect(parseJson(inside(levels + 1))).toBeUndefined();
  }
});

test("megabytes of opening brackets are given up at the first that is too deep", () => {
  const { rss } = process.memoryUsage();
  for (const text of ["[".repeat(8_000_000), '{"a":'.repeat(1_600_000), nested(4_000_000)])
    expect(parseJson(text)).toBeUndefined();
  expect(process.memoryUsage().rss - rss).toBeLessThan(100_000_000);
});

test("many small lists and objects are refused as well: they take thirty times the memory of the text", () => {
  expect(overJsonLimits(`[${"[],".repeat(99_998)}{}]`)).toBeUndefined();
  expect(overJsonLimits(`[${"{},".repeat(99_999)}[]]`)).toBe("holds more than 100000 lists and objects");
});

test("brackets in strings do not count as levels", () => {
  const text = JSON.stringify({ message: '\\"[{'.repeat(1000), rest: '"'.repeat(300) });
  expect(overJsonLimits(text)).toBeUndefined();
  expect(overJsonLimits(`"${"[".repeat(1000)}`)).toBeUndefined();
});

const depthOf = (value: unknown): number =>
  typeof value === "object" && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;

test("any JSON is within the limits exactly when it has at most a hundred levels", () => {
  const wrap = fc.tuple(fc.json({ maxDepth: 5 }), fc.integer({ min: 80, max: 120 }), fc.boolean());
  fc.assert(
    fc.property(wrap, ([json, levels, asList]) => {
      const text = asList
        ? `${"[".repeat(levels)}${json}${"]".repeat(levels)}`
        : `${'{"\\"]":'.repeat(levels)}${json}${"}".repeat(levels)}`;
      const tooDeep = levels + depthOf(JSON.parse(json)) > 100;
      expect(overJsonLimits(text) !== undefined).toBe(tooDeep);
      if (!tooDeep) expect(parseJson(text)).toEqual(JSON.parse(text));
    }),
  );
});

test("any text at all is parsed as JSON.parse parses it, or is undefined", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      let value: unknown;
      try {
        value = JSON.parse(text);
      } catch {
        value = undefined;
      }
      expect(parseJson(text)).toEqual(value);
    }),
  );
});
