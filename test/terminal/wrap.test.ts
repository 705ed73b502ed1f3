import { expect, test } from "bun:test";
import fc from "fast-check";
import { wrap } from "../../src/terminal/wrap.ts";

test("a line that fits stays as it is", () => {
  expect(wrap("storage  sqlite\n\n", 40)).toBe("storage  sqlite\n\n");
  expect(wrap("a b c", Number.POSITIVE_INFINITY)).toBe("a b c");
});

test("a wider line is broken at its blanks, and the rest is indented", () => {
  expect(wrap("  why: there is no socket at /var/run/docker.sock here\n", 30)).toBe(
    "  why: there is no socket at\n    /var/run/docker.sock here\n",
  );
});

test("blanks that align a line stay where it is not broken", () => {
  expect(wrap("key            …cdef, accepted 12 s ago", 30)).toBe(
    "key            …cdef, accepted\n  12 s ago",
  );
});

test("the rest of a value stands below it where there is room", () => {
  expect(wrap("last delivery  9 s ago: failed: the name api.datadoghq.eu cannot be resolved", 70)).toBe(
    "last delivery  9 s ago: failed: the name api.datadoghq.eu cannot be\n               resolved",
  );
});

test("a word that is wider than the terminal stays whole", () => {
  expect(wrap("see /a/very/long/path/of/a/file ok", 10)).toBe("see\n  /a/very/long/path/of/a/file\n  ok");
});

test("no word is lost, and no line is wider unless one word is", () => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[a-z]{1,9}$/)),
      fc.integer({ min: 12, max: 60 }),
      (words, width) => {
        const wrapped = wrap(words.join(" "), width);
        expect(wrapped.split(/\s+/).filter(Boolean)).toEqual(words);
        for (const line of wrapped.split("\n")) expect(line.length).toBeLessThanOrEqual(width);
      },
    ),
  );
});
