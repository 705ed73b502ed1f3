import { expect, test } from "bun:test";
import { seaBlob } from "../../scripts/build/sea-blob.ts";

/** Of Node 20.20.2 (`node --experimental-sea-config`, main.js) on a 64-bit machine, but for the lengths, which take 8 bytes there. */
test("the blob has magic and flags, then name and program after their 32-bit lengths in bytes", () => {
  expect(seaBlob("main.js", "let é", { optionsByte: false }).toString("hex")).toBe(
    ["20da4301", "01000000", "07000000", hex("main.js"), "06000000", hex("let é")].join(""),
  );
});

test("the blob of newer versions of Node has a byte in between: options come from NODE_OPTIONS", () => {
  expect(seaBlob("m", "", { optionsByte: true }).toString("hex")).toBe(
    ["20da4301", "01000000", "01", "01000000", hex("m"), "00000000"].join(""),
  );
});

function hex(text: string): string {
  return Buffer.from(text).toString("hex");
}
