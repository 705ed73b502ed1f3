import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { metricName, suffixedName, tag, tagList } from "../../src/records/normalize.ts";

describe("metricName", () => {
  test.each([
    ["my.count", "my.count"],
    ["Chouette.host.cpu_2", "Chouette.host.cpu_2"],
    ["my count-of things", "my_count_of_things"],
    ["9lives", "lives"],
    ["_._under", "under"],
    ["größe", "gr__e"],
    ["a😀b", "a_b"],
    ["a\ud800b", "a_b"],
    ["a\nb\u0000c\u001b[31m", "a_b_c__31m"],
    ["__proto__", "proto__"],
    ["constructor", "constructor"],
  ])("%p becomes %p", (raw, name) => {
    expect(metricName(raw)).toBe(name);
  });

  test.each(["", "123", "_", "...", "😀", "é", "\n"])("%p has no name", (raw) => {
    expect(metricName(raw)).toBeUndefined();
  });

  test("keeps 200 characters of a long one, counted from its first letter", () => {
    expect(metricName("a".repeat(200))).toBe("a".repeat(200));
    expect(metricName("a".repeat(10_000))).toBe("a".repeat(200));
    expect(metricName(`${"1".repeat(10_000)}a`)).toBe("a");
    expect(metricName("9".repeat(10_000))).toBeUndefined();
  });

  test("is valid, and what it makes it leaves unchanged", () => {
    fc.assert(
      fc.property(anyText(), (raw) => {
        const name = metricName(raw);
        if (name === undefined) return;
        expect(name).toMatch(/^[A-Za-z][A-Za-z0-9_.]{0,199}$/);
        expect(metricName(name)).toBe(name);
      }),
    );
  });
});

describe("suffixedName", () => {
  test("cuts the name where both do not fit, never the suffix", () => {
    expect(suffixedName("my.time", ".max")).toBe("my.time.max");
    expect(suffixedName("a".repeat(196), ".max")).toBe(`${"a".repeat(196)}.max`);
    expect(suffixedName("a".repeat(200), ".max")).toBe(`${"a".repeat(196)}.max`);
  });

  test("makes a valid name of a valid name", () => {
    fc.assert(
      fc.property(anyText(), fc.constantFrom(".max", ".95percentile"), (raw, suffix) => {
        const name = metricName(raw);
        if (name === undefined) return;
        const suffixed = suffixedName(name, suffix);
        expect(suffixed).toEndWith(suffix);
        expect(metricName(suffixed)).toBe(suffixed);
      }),
    );
  });
});

describe("tag", () => {
  test.each([
    ["zone:a", "zone:a"],
    ["Zone:A", "Zone:A"],
    ["url:http://x/y-z_1.2", "url:http://x/y-z_1.2"],
    ["zone:", "zone"],
    ["zone:::", "zone"],
    ["a", "a"],
    ["1:zone:a", "zone:a"],
    ["größe:übergroß", "größe:übergroß"],
    ["город:москва٣", "город:москва٣"],
    ["a:b,c|d e", "a:b_c_d_e"],
    ["a:😀", "a:_"],
    ["a:\u0007\n", "a:__"],
    ["a:\udc00", "a:_"],
    ["__proto__:x", "proto__:x"],
  ])("%p becomes %p", (raw, kept) => {
    expect(tag(raw)).toBe(kept);
  });

  test("is cut at 200 bytes between two characters, and then ends in no colon", () => {
    expect(tag(`a:${"x".repeat(10_000)}`)).toBe(`a:${"x".repeat(198)}`);
    expect(tag(`${"x".repeat(199)}::y`)).toBe("x".repeat(199));
    // 99 letters of two bytes and "a:" are 200 bytes; with "ab:" the 99th would be cut in two.
    expect(tag(`a:${"é".repeat(150)}`)).toBe(`a:${"é".repeat(99)}`);
    expect(tag(`ab:${"é".repeat(150)}`)).toBe(`ab:${"é".repeat(98)}`);
    expect(tag(`a:${"𝒳".repeat(100)}`)).toBe(`a:${"𝒳".repeat(49)}`);
  });

  test.each(["", ":", "123", "___", "😀", ":::", "\n"])("%p becomes nothing", (raw) => {
    expect(tag(raw)).toBeUndefined();
  });

  test("is valid, fits, and what it makes it leaves unchanged", () => {
    fc.assert(
      fc.property(anyText(), (raw) => {
        const kept = tag(raw);
        if (kept === undefined) return;
        expect(kept).toMatch(/^\p{L}[\p{L}\p{Nd}_\-:./]*$/u);
        expect(kept).not.toMatch(/:$/);
        expect(Buffer.byteLength(kept)).toBeLessThanOrEqual(200);
        expect(tag(kept)).toBe(kept);
      }),
    );
  });
});

describe("tagList", () => {
  test("joins lists, sorted and without duplicates, also of those that normalize to the same", () => {
    expect(tagList(["zone:a", "b b", "123"], ["b_b", "app:x", "zone:a"])).toEqual(["app:x", "b_b", "zone:a"]);
    expect(tagList()).toEqual([]);
  });

  test("is sorted, unique and unchanged by itself, whatever the order", () => {
    fc.assert(
      fc.property(fc.array(anyText()), (raw) => {
        const tags = tagList(raw);
        expect(tags).toEqual([...new Set(tags)].sort());
        expect(tagList(tags)).toEqual(tags);
        expect(tagList([...raw].reverse())).toEqual(tags);
      }),
    );
  });
});

test("normal names and tags cost little", () => {
  const started = performance.now();
  for (let i = 0; i < 200_000; i++) {
    metricName("my.application.requests");
    tag("zone:living-room");
  }
  expect(performance.now() - started).toBeLessThan(4000);
});

/** Text of every kind: short and long, of any script, with lone surrogates, and of what the rules are about. */
function anyText(): fc.Arbitrary<string> {
  return fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({
      unit: fc.constantFrom("a", "Z", "1", ":", "_", ".", "é", "😀", "\ud83d", "𝒳", " ", "\0"),
      maxLength: 300,
    }),
    fc.string({ unit: fc.constantFrom("é", "字", "𝒳", ":"), minLength: 60, maxLength: 210 }),
  );
}
