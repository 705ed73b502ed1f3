import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { seriesId, seriesReader } from "../../src/records/series-identity.ts";

describe("seriesId", () => {
  test("is equal for equal names and tags, and only for those, whatever they contain", () => {
    const text = fc.constantFrom("a", "b", ",", "|", '"', "]", "a,b", '["a"]', "");
    const series = fc.tuple(text, fc.array(text, { maxLength: 3 }));
    fc.assert(
      fc.property(series, series, ([name, tags], [otherName, otherTags]) => {
        const same = name === otherName && JSON.stringify(tags) === JSON.stringify(otherTags);
        expect(seriesId(name, tags) === seriesId(otherName, otherTags)).toBe(same);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("seriesReader", () => {
  test("gives a series with normalized name and tags, the global tags among them", () => {
    const tags = ["env:prod", "zone:a_b"];
    expect(seriesReader(["env:prod"])("my count", { zone: "a b", env: "prod" })).toEqual({
      metric: "my_count",
      tags,
      id: seriesId("my_count", tags),
    });
  });

  test("gives undefined for a name without a letter, however often it is met", () => {
    const read = seriesReader([]);
    expect([read("123", {}), read("123", {})]).toEqual([undefined, undefined]);
  });

  test("keeps 100 tags of a series, including the global ones, and reports their number", () => {
    const told: unknown[] = [];
    const read = seriesReader(["zone:z", "env prod"], (...many) => told.push(many));
    const tags = (count: number) =>
      Object.fromEntries(
        Array.from({ length: count }, (_, index) => [`t${String(index).padStart(3, "0")}`, "x"]),
      );
    expect(read("few", tags(98))?.tags).toHaveLength(100);
    expect(told).toEqual([]);
    const many = read("many", tags(300))?.tags ?? [];
    expect([many.length, many[0], many[1], many[98], many[99]]).toEqual([
      100,
      "env_prod",
      "t000:x",
      "t097:x",
      "zone:z",
    ]);
    expect(told).toEqual([["many", 302]]);
    expect(read("many", many)?.tags).toEqual(many);
    expect(read("many", many.toReversed())?.tags).toEqual(many);
  });

  test("gives the same series after it has forgotten them", () => {
    const read = seriesReader(["env:prod"]);
    const names = Array.from({ length: 12_000 }, (_, index) => `m${index}`);
    const all = names.map((name) => read(name, { zone: "a" }));
    expect(names.map((name) => read(name, { zone: "a" }))).toEqual(all);
    expect(read("m11999", { zone: "a" })).toBe(read("m11999", { zone: "a" }));
  });
});
