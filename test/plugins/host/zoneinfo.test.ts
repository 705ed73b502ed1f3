import { expect, test } from "bun:test";
import { parseLowWatermark } from "../../../src/plugins/host/zoneinfo.ts";
import { noSkip, skipping } from "../kernel/skipping.ts";

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
  expect(parseLowWatermark(ZONES, noSkip)).toBe(2570);
});

test("no zone has one", () => {
  expect(parseLowWatermark("", noSkip)).toBe(0);
});

test("with a word instead of a number there is no sum", () => {
  const { value, skipped } = skipping((skip) => parseLowWatermark(`${ZONES}        low      many\n`, skip));
  expect([value, skipped]).toEqual([undefined, [["/proc/zoneinfo", "        low      many"]]]);
});
