import { expect, test } from "bun:test";
import { ParseError } from "../../../src/errors.ts";
import { parseNetDev } from "../../../src/plugins/host/net-dev.ts";
import { captured, readByHand } from "./captures.ts";

const HEADINGS = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
`;

test("what a Compute Module 4 prints, counters above 2^32 among it", () => {
  const path = "proc/net/dev/cm4.txt";
  const bytes = parseNetDev(captured(path)).map(({ name, received, sent }) => [
    name,
    [received.bytes, sent.bytes],
  ]);
  expect(Object.fromEntries(bytes)).toEqual(readByHand(path));
});

test("errors and drops, and no blank behind the colon on old kernels", () => {
  expect(parseNetDev(`${HEADINGS}  eth0:1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n`)).toEqual([
    { name: "eth0", received: { bytes: 1, errors: 3, drops: 4 }, sent: { bytes: 9, errors: 11, drops: 12 } },
  ]);
});

test("names may hold a colon, a dot, a hyphen", () => {
  const columns = Array.from({ length: 16 }, () => "0").join(" ");
  const names = ["eth0:1", "eth0.100", "br-3f2a", "wlan0"];
  const text = HEADINGS + names.map((name) => `${name}: ${columns}\n`).join("");
  expect(parseNetDev(text).map(({ name }) => name)).toEqual(names);
});

test("no interface at all", () => {
  expect(parseNetDev(HEADINGS)).toEqual([]);
});

test.each([
  ["nothing", "", ""],
  ["no headings", "eth0: 1\n", "eth0: 1\n"],
  ["too few columns", `${HEADINGS}eth0: 1 2 3\n`, "eth0: 1 2 3"],
  [
    "no name",
    `${HEADINGS}1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n`,
    "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16",
  ],
  [
    "a word for a number",
    `${HEADINGS}eth0: 1 2 x 4 5 6 7 8 9 10 11 12 13 14 15 16\n`,
    "eth0: 1 2 x 4 5 6 7 8 9 10 11 12 13 14 15 16",
  ],
])("%s is a ParseError with file and line", (_, text, line) => {
  expect(() => parseNetDev(text)).toThrow(new ParseError("/proc/net/dev", line));
});
