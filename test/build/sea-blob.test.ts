import { expect, test } from "bun:test";
import { seaBlob } from "../../scripts/build/sea-blob.ts";

/** Of Node 20.20.2 (`node --experimental-sea-config`, main.js) on a 64-bit machine, but for the lengths, which take 8 bytes there. */
test("the blob has magic and flags, then name and program after their 32-bit lengths in bytes", () => {
  expect(seaBlob("main.js", "let é", { optionsByte: false, wordBytes: 4 }).toString("hex")).toBe(
    ["20da4301", "01000000", "07000000", hex("main.js"), "06000000", hex("let é")].join(""),
  );
});

test("the blob of newer versions of Node has a byte in between, and takes no options from NODE_OPTIONS", () => {
  expect(seaBlob("m", "", { optionsByte: true, wordBytes: 4 }).toString("hex")).toBe(
    ["20da4301", "01000000", "00", "01000000", hex("m"), "00000000"].join(""),
  );
});

test("the blob of a 64-bit Node has 64-bit lengths", () => {
  expect(seaBlob("m", "", { optionsByte: false, wordBytes: 8 }).toString("hex")).toBe(
    ["20da4301", "01000000", "0100000000000000", hex("m"), "0000000000000000"].join(""),
  );
});

function hex(text: string): string {
  return Buffer.from(text).toString("hex");
}
