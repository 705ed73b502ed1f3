import { expect, test } from "bun:test";
import { ParseError } from "../../../src/errors.ts";
import { parseLowWatermark } from "../../../src/plugins/host/zoneinfo.ts";

const ZONES = `Node 0, zone      DMA
  pages free     3975
        min      8
        low      10
        high     12
Node 0, zone   Normal
  per-node stats
      nr_slab_reclaimable 4254
  pages free     32091
        boost    0
        min      2048
        low      2560
        high     3072
`;

test("the low watermarks of all zones together, in pages", () => {
  expect(parseLowWatermark(ZONES)).toBe(2570);
});

test("no zone has one", () => {
  expect(parseLowWatermark("")).toBe(0);
});

test("a word for a number is a ParseError", () => {
  expect(() => parseLowWatermark("        low      many\n")).toThrow(
    new ParseError("/proc/zoneinfo", "low many"),
  );
});
