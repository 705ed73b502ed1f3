import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { parseDatagram } from "../../src/dogstatsd/datagram.ts";

/** Lines of real clients, as they were captured: ` m "c.one:1|c|#env:prod" `, after the client and transport as a heading. */
const captured = readFileSync(new URL("../fixtures/dogstatsd/clients.txt", import.meta.url), "utf8");
const lines = [...captured.matchAll(/^ +(?:[mes]|!!! {2}REFUSED) (".*") $/gm)].map(
  ([, text = ""]) => JSON.parse(text) as string,
);

/** What no client means: the numbers of hot-shots' arrays, not a number, a raw line break, a length that stands alone. */
const REFUSED = [
  /^d\.x:1,2,3\|d/,
  /^[gp]\.(nan|inf):/,
  /^p\.bool:True/,
  /^m: x$/,
  // Cut off or no longer UTF-8 in the capture's own file.
  /\uFFFD/,
];

test("lines of real clients are taken, but those that mean nothing", () => {
  expect(lines.length).toBeGreaterThan(250);
  const malformed = lines.filter((line) => parseDatagram(line).malformed > 0);
  expect(malformed.filter((line) => !REFUSED.some((pattern) => pattern.test(line)))).toEqual([]);
});

test("an event of hot-shots, which counts UTF-16 units, is taken whole", () => {
  const line = "_e{7,11}:Title é|text\\nline2|d:1656581400|p:low|#env:prod,t:1";
  expect(parseDatagram(line)).toMatchObject({
    malformed: 0,
    events: [{ title: "Title é", text: "text\nline2", timestamp: 1656581400, priority: "low" }],
  });
});
