import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { lineOf, parseEnvFile, withEnvFile } from "../../src/config/env-file.ts";

describe("parseEnvFile", () => {
  // What systemd 252 makes of the same lines, where nothing else is said.
  test.each([
    ["", {}],
    ["A=plain value # not a comment", { A: "plain value # not a comment" }],
    ["# a comment\n; another\n\n   \n  # one more\nA=1", { A: "1" }],
    ["  A = spaced  \nB=2", { A: "spaced", B: "2" }],
    ["A=\nB=''\nC=\"\"", { A: "", B: "", C: "" }],
    ["A=1\nA=2", { A: "2" }],
    ["a=1\nA=2", { a: "1", A: "2" }],
    ["A=b=c", { A: "b=c" }],
    ['A=["host","docker"]', { A: '["host","docker"]' }],
    ['A={"pods":["cpu"]}', { A: '{"pods":["cpu"]}' }],
    ['A=b"c d"', { A: 'b"c d"' }],
    ["A='a' 'b'\"c\"", { A: "abc" }],
    ['A="a"b c', { A: "ab c" }],
    ['A="tail"  \nB=1', { A: "tail", B: "1" }],
    ['A="a\\"b\\\\c\\n d\\$e\\`"', { A: 'a"b\\c\\n d$e`' }],
    ["A='a\\'\nB=1", { A: "a\\", B: "1" }],
    ['A="two\nlines"\nB=1', { A: "two\nlines", B: "1" }],
    ['A="joined \\\nlines"', { A: "joined lines" }],
    ["A=joined \\\nlines\nB=1", { A: "joined lines", B: "1" }],
    ['A=a\\ b\\\\c\\"d', { A: 'a b\\c"d' }],
    ["A=ends with a backslash\\", { A: "ends with a backslash" }],
    ["A=$HOME", { A: "$HOME" }],
    // systemd 254 and later: a comment ends with its line.
    ["# a comment \\\nA=1", { A: "1" }],
    ["A=1\rB=2", { A: "1", B: "2" }],
    // Not systemd's, but met in such files.
    ["\uFEFFA=1\r\nB='x'\r\n\r\nC=3\r\n", { A: "1", B: "x", C: "3" }],
    ["export A=1\nexport\tB=2\nexportC=3", { A: "1", B: "2", exportC: "3" }],
    ["BARE\nA=1", { A: "1" }],
    ["__proto__=x\nA=1", JSON.parse('{"__proto__":"x","A":"1"}')],
  ])("%j", (text, env) => {
    const parsed = parseEnvFile(text);
    expect(Object.entries(parsed.env)).toEqual(Object.entries(env));
    expect(parsed.issues).toEqual([]);
  });

  test("bad lines are issues with their numbers and without their text; the others are kept", () => {
    const lines = [
      "A=1",
      "API KEY=s3cret",
      'B="over \\',
      'two lines"',
      "=s3cret",
      "1A=s3cret",
      'C="s3cret" # s3cret',
      "API_KEY='s3cret",
      "D=4",
      "what s3cret",
      'PASSWORD="s3cret',
    ];
    expect(parseEnvFile(lines.join("\n"))).toEqual({
      env: { A: "1", B: "over two lines", D: "4" },
      issues: [
        "line 2: expects NAME=value",
        "line 5: expects NAME=value",
        "line 6: expects NAME=value",
        "line 7: C: there is text after the closing quote; put a comment on a separate line",
        "line 8: API_KEY: the quote is never closed",
        "line 10: expects NAME=value",
        "line 11: PASSWORD: the quote is never closed",
      ],
    });
  });

  test("never throws, and every issue is one line that names a line of the file", () => {
    const piece = fc.constantFrom(
      "A",
      "=",
      "'",
      '"',
      "\\",
      "\n",
      "\r",
      " ",
      "#",
      ";",
      "export ",
      "\0",
      "é",
      "\u2028",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((pieces) => pieces.join("")),
        ),
        (text) => {
          const { env, issues } = parseEnvFile(text);
          for (const name of Object.keys(env)) expect(name).toMatch(/^[A-Za-z_][A-Za-z0-9_]*$/);
          const lines = text.split(/\r\n?|\n/).length;
          for (const issue of issues) {
            expect(issue).toMatch(/^line \d+: [^\n]+$/);
            expect(Number(issue.match(/\d+/)?.[0])).toBeWithin(1, lines + 1);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  test('any text between double quotes comes back when ", \\, ` and $ are escaped', () => {
    const value = fc.string({ unit: "binary" }).map((text) => text.replaceAll("\r", ""));
    fc.assert(
      fc.property(value, (text) => {
        const quoted = `A="${text.replace(/["\\`$]/g, "\\$&")}"\nB=1`;
        expect(parseEnvFile(quoted)).toEqual({ env: { A: text, B: "1" }, issues: [] });
      }),
    );
  });
});

test("withEnvFile lets the environment win unless it is blank", () => {
  expect(
    withEnvFile(
      { host: "real", DD_SITE: "", PATH: "/bin" },
      { HOST: "file", dd_site: "datadoghq.eu", A: "1" },
    ),
  ).toEqual({ HOST: "real", DD_SITE: "datadoghq.eu", PATH: "/bin", A: "1" });
});

test("lineOf finds the last line that sets a variable, also behind a value of several lines", () => {
  const text = "# A=0\nA=1\nB='two\nlines'\r\nexport A=2\nC=\"never closed\n";
  expect(["A", "B", "C", "D"].map((name) => lineOf(text, name))).toEqual([5, 3, undefined, undefined]);
});
