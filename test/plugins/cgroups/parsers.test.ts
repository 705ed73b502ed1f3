import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { ParseError } from "../../../src/errors.ts";
import { parseAmount, parseLimit } from "../../../src/plugins/cgroups/amount.ts";
import { parseBlkio } from "../../../src/plugins/cgroups/blkio.ts";
import { parseCgroupMounts } from "../../../src/plugins/cgroups/cgroup-mounts.ts";
import { parseFlatKeyed } from "../../../src/plugins/cgroups/flat-keyed.ts";
import { parseIoStat } from "../../../src/plugins/cgroups/io-stat.ts";
import { parsePressure } from "../../../src/plugins/cgroups/pressure.ts";
import { parseProcCgroups } from "../../../src/plugins/cgroups/proc-cgroups.ts";
import { parseUptime } from "../../../src/plugins/cgroups/uptime.ts";

const HALF_PRESSURE = "some avg10=1.00 avg60=2.50 avg300=3.00";

const good: [string, (text: string, source: string) => unknown, string, unknown][] = [
  ["amount", parseAmount, "9125888\n", 9125888],
  ["amount without a line end", parseAmount, "0", 0],
  ["limit", parseLimit, "104857600\n", 104857600],
  ["no limit, v2", parseLimit, "max\n", undefined],
  ["no limit, v1 with pages of 4 KiB", parseLimit, "9223372036854771712\n", undefined],
  ["no limit, v1 with pages of 16 KiB (Raspberry Pi 5)", parseLimit, "9223372036854759424\n", undefined],
  ["no limit, v1 on 32 bits", parseLimit, "8796093018112\n", undefined],
  ["a limit just below", parseLimit, "8796093014016\n", 8796093014016],
  [
    "flat keyed",
    parseFlatKeyed,
    "low 0\noom_kill 1\n",
    new Map([
      ["low", 0],
      ["oom_kill", 1],
    ]),
  ],
  [
    "flat keyed, dots and negative values",
    parseFlatKeyed,
    "core_sched.x 0\ndirty -307200\n",
    new Map([
      ["core_sched.x", 0],
      ["dirty", -307200],
    ]),
  ],
  ["flat keyed, empty", parseFlatKeyed, "", new Map()],
  ["io.stat, empty", parseIoStat, "", new Map()],
  [
    "io.stat",
    parseIoStat,
    "8:0 rbytes=512 wbytes=4096 rios=100 wios=1 dbytes=5 dios=23\n",
    new Map([["8:0", { read: 512, write: 4096 }]]),
  ],
  [
    "io.stat, devices without counters",
    parseIoStat,
    "7:7 7:6 rbytes=1 wbytes=2\n7:5 \n",
    new Map([["7:6", { read: 1, write: 2 }]]),
  ],
  [
    "io.stat, counters of others",
    parseIoStat,
    "8:0 cost.vrate=100.00\n",
    new Map([["8:0", { read: 0, write: 0 }]]),
  ],
  ["blkio without I/O", parseBlkio, "Total 0\n", new Map()],
  ["blkio, empty", parseBlkio, "", new Map()],
  [
    "blkio",
    parseBlkio,
    "8:0 Read 1\n8:0 Write 2\n8:0 Sync 3\n253:0 Read 4\nTotal 7\n",
    new Map([
      ["8:0", { read: 1, write: 2 }],
      ["253:0", { read: 4, write: 0 }],
    ]),
  ],
  [
    "pressure",
    parsePressure,
    `${HALF_PRESSURE} total=9\nfull avg10=0.00 avg60=9.00 avg300=0.00 total=0\n`,
    2.5,
  ],
  ["pressure, one line", parsePressure, `${HALF_PRESSURE} total=9`, 2.5],
  [
    "/proc/cgroups",
    parseProcCgroups,
    "#subsys_name\thierarchy\tnum_cgroups\tenabled\nmemory\t0\t39\t0\npids  0  39  1\n",
    new Map([
      ["memory", false],
      ["pids", true],
    ]),
  ],
  ["uptime", parseUptime, "1412.65 2807.14\n", 1412.65],
];

test.each(good)("%s", (_name, parse, text, expected) => {
  expect(parse(text, "/file")).toEqual(expected);
});

const bad: [string, (text: string, source: string) => unknown, string, string][] = [
  ["empty amount", parseAmount, "", ""],
  ["amount with a sign", parseAmount, "-1\n", "-1\n"],
  ["several amounts", parseAmount, "0\n-1\n2\n", "0\n-1\n2\n"],
  ["a range", parseAmount, "12-781\n", "12-781\n"],
  ["a limit in words", parseLimit, "maximum\n", "maximum\n"],
  ["flat keyed without a value", parseFlatKeyed, "low 0\noom_kill\n", "oom_kill"],
  ["flat keyed with a fraction", parseFlatKeyed, "low 0.5\n", "low 0.5"],
  ["nested keyed", parseFlatKeyed, "anon N0=1411100672\n", "anon N0=1411100672"],
  ["io.stat without a device", parseIoStat, "rbytes=512\n", "rbytes=512"],
  ["io.stat with a word", parseIoStat, "8:0 rbytes=1 idle\n", "8:0 rbytes=1 idle"],
  ["io.stat with a negative counter", parseIoStat, "8:0 rbytes=-1\n", "8:0 rbytes=-1"],
  ["blkio without a device", parseBlkio, "Read 1\n", "Read 1"],
  ["blkio with a word", parseBlkio, "8:0 Read lots\n", "8:0 Read lots"],
  [
    "pressure without `some`",
    parsePressure,
    "full avg10=0.00 avg60=0.00 avg300=0.00 total=0\n",
    "full avg10=0.00 avg60=0.00 avg300=0.00 total=0\n",
  ],
  ["half of a pressure", parsePressure, HALF_PRESSURE, HALF_PRESSURE],
  ["empty pressure", parsePressure, "", ""],
  ["/proc/cgroups, half a line", parseProcCgroups, "memory\t0\n", "memory\t0"],
  ["uptime", parseUptime, "1412\n", "1412\n"],
];

test.each(bad)("malformed: %s", (_name, parse, text, line) => {
  expect(() => parse(text, "/file")).toThrow(new ParseError("/file", line));
});

describe("whatever the text, a parser gives a value or throws ParseError", () => {
  const word = fc.constantFrom(
    "8:0",
    "7:7",
    "Read",
    "Total",
    "12",
    "-1",
    "max",
    "some",
    "avg60=1.00",
    "rbytes=1",
    "=",
    "",
    " ",
    "\n",
    "-",
    "/",
    "cgroup2",
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(word, { maxLength: 12 }).map((words) => words.join(" ")),
  );
  const parsers = {
    parseAmount,
    parseLimit,
    parseFlatKeyed,
    parseIoStat,
    parseBlkio,
    parsePressure,
    parseProcCgroups,
    parseUptime,
    parseCgroupMounts,
  };

  test.each(Object.entries(parsers))("%s", (_name, parse) => {
    fc.assert(
      fc.property(text, (input) => {
        try {
          parse(input, "/file");
        } catch (error) {
          expect(error).toBeInstanceOf(ParseError);
        }
      }),
    );
  });
});

test("what is printed as io.stat is read back", () => {
  const counter = fc.nat();
  const device = fc.tuple(fc.nat(300), fc.nat(300)).map(([major, minor]) => `${major}:${minor}`);
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(device, counter, counter), { selector: ([name]) => name }),
      (rows) => {
        const text = rows
          .map(([name, read, write]) => `${name} rbytes=${read} wbytes=${write} rios=1\n`)
          .join("");
        expect(parseIoStat(text, "/file")).toEqual(
          new Map(rows.map(([name, read, write]) => [name, { read, write }])),
        );
      },
    ),
  );
});
