import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parseDiskstats } from "../../../src/plugins/host/diskstats.ts";
import { parseLoadavg } from "../../../src/plugins/host/loadavg.ts";
import { parseNetDev } from "../../../src/plugins/host/net-dev.ts";
import { parseStat } from "../../../src/plugins/host/stat.ts";
import { parseLowWatermark } from "../../../src/plugins/host/zoneinfo.ts";
import { parseMeminfo } from "../../../src/plugins/kernel/meminfo.ts";
import { parseMountinfo } from "../../../src/plugins/kernel/mountinfo.ts";
import { parsePressure } from "../../../src/plugins/kernel/pressure.ts";
import type { Skip } from "../../../src/plugins/kernel/skipped-lines.ts";
import { parseUptime } from "../../../src/plugins/kernel/uptime.ts";
import { parseWholeNumber } from "../../../src/plugins/kernel/whole-number.ts";
import { noSkip, skipping } from "../kernel/skipping.ts";
import { captured } from "./captures.ts";

/** Each parser with a text that it understands. */
const PARSERS: [string, (text: string, skip: Skip) => unknown, string][] = [
  ["stat", parseStat, captured("proc/stat/node-exporter.txt")],
  ["meminfo", parseMeminfo, captured("proc/meminfo/jetson-tx2.txt")],
  ["loadavg", parseLoadavg, captured("proc/loadavg/procfs.txt")],
  ["net-dev", parseNetDev, captured("proc/net/dev/cm4.txt")],
  ["diskstats", parseDiskstats, captured("proc/diskstats/node-exporter.txt")],
  [
    "mountinfo",
    (text, skip) => parseMountinfo(text, "/proc/self/mountinfo", skip),
    "36 35 98:0 /a /b\\040c rw,noatime master:1 - ext3 /dev/root rw,errors=continue\n",
  ],
  [
    "pressure",
    (text, skip) => parsePressure(text, "/proc/pressure/io", 10, skip),
    "some avg10=1.10 avg60=0.70 avg300=0.23 total=26\n",
  ],
  ["uptime", parseUptime, "1146.73 2242.41\n"],
  ["a number", (text, skip) => parseWholeNumber(text, "temp", skip), "-54542\n"],
  ["zoneinfo", parseLowWatermark, "  pages free     32091\n        min      2048\n        low      2560\n"],
];

describe.each(PARSERS)("%s", (_, parse, text) => {
  test("understands the whole text", () => {
    expect(parse(text, noSkip)).toBeDefined();
  });

  test("does not throw when cut anywhere", () => {
    for (let end = 0; end < text.length; end += 1) skipping((skip) => parse(text.slice(0, end), skip));
  });

  test("does not throw with any piece replaced by anything", () => {
    const change = fc.tuple(fc.nat(text.length), fc.nat(20), fc.string({ unit: "binary", maxLength: 20 }));
    fc.assert(
      fc.property(change, ([at, length, piece]) => {
        skipping((skip) => parse(text.slice(0, at) + piece + text.slice(at + length), skip));
      }),
      { numRuns: 300 },
    );
  });
});
