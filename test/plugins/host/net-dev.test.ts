import { expect, test } from "bun:test";
import { parseNetDev } from "../../../src/plugins/host/net-dev.ts";
import { noSkip, skipping } from "../kernel/skipping.ts";
import { captured, readByHand } from "./captures.ts";

const HEADINGS = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
`;

test("the file of a Compute Module 4, with counters above 2^32", () => {
  const path = "proc/net/dev/cm4.txt";
  const bytes = parseNetDev(captured(path), noSkip).map(({ name, received, sent }) => [
    name,
    [received.bytes, sent.bytes],
  ]);
  expect(Object.fromEntries(bytes)).toEqual(readByHand(path));
});

test("errors and drops, without a blank after the colon on old kernels", () => {
  expect(parseNetDev(`${HEADINGS}  eth0:1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n`, noSkip)).toEqual([
    { name: "eth0", received: { bytes: 1, errors: 3, drops: 4 }, sent: { bytes: 9, errors: 11, drops: 12 } },
  ]);
});

test("names may hold a colon, a dot, a hyphen", () => {
  const columns = Array.from({ length: 16 }, () => "0").join(" ");
  const names = ["eth0:1", "eth0.100", "br-3f2a", "wlan0"];
  const text = HEADINGS + names.map((name) => `${name}: ${columns}\n`).join("");
  expect(parseNetDev(text, noSkip).map(({ name }) => name)).toEqual(names);
});

test("a file without interfaces", () => {
  expect(parseNetDev(HEADINGS, noSkip)).toEqual([]);
});

test("headings are not needed", () => {
  const line = "eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n";
  expect(parseNetDev(line, noSkip).map(({ name }) => name)).toEqual(["eth0"]);
});

test.each([
  ["too few columns", "eth0: 1 2 3"],
  ["no name", "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16"],
  ["a word for a number", "eth0: 1 2 x 4 5 6 7 8 9 10 11 12 13 14 15 16"],
])("%s costs only that line", (_, line) => {
  const text = `${HEADINGS}${line}\nwlan0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n`;
  const { value, skipped } = skipping((skip) => parseNetDev(text, skip));
  expect(value.map(({ name }) => name)).toEqual(["wlan0"]);
  expect(skipped).toEqual([["/proc/net/dev", line]]);
});
