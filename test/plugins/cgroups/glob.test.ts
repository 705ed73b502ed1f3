import { expect, test } from "bun:test";
import fc from "fast-check";
import { globMatches } from "../../../src/plugins/cgroups/glob.ts";

test.each([
  ["ssh.service", "ssh.service", true],
  ["ssh.service", "ssh-service", false],
  ["ssh", "ssh.service", false],
  ["*", "", true],
  ["*", "system.slice/ssh.service", true],
  ["", "", true],
  ["", "a", false],
  ["?", "", false],
  ["system.slice/*", "system.slice/a.slice/b.service", true],
  ["*.service", "system.slice/ssh.service", true],
  ["web-?", "web-1", true],
  ["web-?", "web-10", false],
  ["*ab*ab", "abab", true],
  ["*ab*ab", "ab", false],
  ["a*b*c", "a-b-b-c", true],
  ["[a]", "a", false],
  ["[a]", "[a]", true],
])("%s against %s", (pattern, text, expected) => {
  expect(globMatches(pattern, text)).toBe(expected);
});

test("agrees with the regular expression of the same meaning", () => {
  const letters = (alphabet: string) => fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 8 });
  fc.assert(
    fc.property(letters("ab*?"), letters("ab/"), (pattern, text) => {
      const source = pattern.replaceAll("*", ".*").replaceAll("?", ".");
      expect(globMatches(pattern, text)).toBe(new RegExp(`^${source}$`, "s").test(text));
    }),
    { numRuns: 2000 },
  );
});

test("a pattern made to backtrack ends soon", () => {
  const before = performance.now();
  expect(globMatches(`${"*a".repeat(200)}*b`, "a".repeat(4000))).toBe(false);
  expect(performance.now() - before).toBeLessThan(4000);
});
