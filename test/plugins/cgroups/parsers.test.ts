import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parseAmount, parseLimit } from "../../../src/plugins/cgroups/amount.ts";
import { parseBlkio } from "../../../src/plugins/cgroups/blkio.ts";
import { parseCgroupMounts } from "../../../src/plugins/cgroups/cgroup-mounts.ts";
import { parseFlatKeyed } from "../../../src/plugins/cgroups/flat-keyed.ts";
import { parseIoStat } from "../../../src/plugins/cgroups/io-stat.ts";
import { parseProcCgroups } from "../../../src/plugins/cgroups/proc-cgroups.ts";
import type { Skip } from "../../../src/plugins/kernel/skipped-lines.ts";
import { noSkip, skipping } from "../kernel/skipping.ts";

type Parse = (text: string, source: string, skip: Skip) => unknown;

const oomKills: Parse = (text, source, skip) => parseFlatKeyed(text, "oom_kill", source, skip);

const good: [string, Parse, string, unknown][] = [
  ["amount", parseAmount, "9125888\n", 9125888],
  ["amount without a line end", parseAmount, "0", 0],
  ["limit", parseLimit, "104857600\n", 104857600],
  ["no limit, v2", parseLimit, "max\n", undefined],
  ["no limit, v1 with pages of 4 KiB", parseLimit, "9223372036854771712\n", undefined],
  ["no limit, v1 with pages of 16 KiB (Raspberry Pi 5)", parseLimit, "9223372036854759424\n", undefined],
  ["no limit, v1 on 32 bits", parseLimit, "8796093018112\n", undefined],
  ["a limit just below", parseLimit, "8796093014016\n", 8796093014016],
  ["flat keyed", oomKills, "low 0\noom_kill 1\n", 1],
  ["flat keyed, the first of several that begin alike", oomKills, "oom_kill 2\noom_kill_group 3\n", 2],
  ["flat keyed, a key within another", oomKills, "max_oom_kill 5\noom_kill_group 3\n", undefined],
  ["flat keyed, dots and negative values", oomKills, "core_sched.x 0\ndirty -307200\noom_kill -1\n", -1],
  ["flat keyed, without a line end", oomKills, "low 0\noom_kill 4", 4],
  ["flat keyed, empty", oomKills, "", undefined],
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
    "/proc/cgroups",
    parseProcCgroups,
    "#subsys_name\thierarchy\tnum_cgroups\tenabled\nmemory\t0\t39\t0\npids  0  39  1\n",
    new Map([
      ["memory", false],
      ["pids", true],
    ]),
  ],
  ["an amount below zero, which cannot be true", parseAmount, "-1\n", undefined],
  ["an amount of a sensor that is off", parseAmount, "", undefined],
  ["an amount of 2^64 - 1", parseAmount, "18446744073709551615\n", undefined],
  ["io.stat with a word", parseIoStat, "8:0 rbytes=1 idle\n", new Map([["8:0", { read: 1, write: 0 }]])],
];

test.each(good)("%s", (_name, parse, text, expected) => {
  expect(parse(text, "/file", noSkip)).toEqual(expected);
});

const bad: [string, Parse, string, string][] = [
  ["several amounts", parseAmount, "0\n-1\n2\n", "0\n-1\n2\n"],
  ["a range", parseAmount, "12-781\n", "12-781\n"],
  ["a limit as text", parseLimit, "maximum\n", "maximum\n"],
  ["flat keyed without a value", oomKills, "low 0\noom_kill\n", "oom_kill"],
  ["flat keyed with a fraction", oomKills, "low 0.5\n", "low 0.5"],
  ["nested keyed", oomKills, "anon N0=1411100672\n", "anon N0=1411100672"],
  ["io.stat without a device", parseIoStat, "rbytes=512\n", "rbytes=512"],
  ["io.stat with a word alone", parseIoStat, "8:0 idle\n", "8:0 idle"],
  ["io.stat with a negative counter", parseIoStat, "8:0 rbytes=-1\n", "8:0 rbytes=-1"],
  ["blkio with a word", parseBlkio, "8:0 Read lots\n", "8:0 Read lots"],
  ["/proc/cgroups, half a line", parseProcCgroups, "memory\t0\n", "memory\t0"],
];

test.each(bad)("%s is skipped", (_name, parse, text, line) => {
  expect(skipping((skip) => parse(text, "/file", skip)).skipped).toEqual([["/file", line]]);
});

test("a line that cannot be parsed affects no other", () => {
  const io = "8:0 rbytes=x\n8:16 rbytes=1 wbytes=2\n8:32 rbytes=18446744073709551615 wbytes=2\n";
  expect(skipping((skip) => parseIoStat(io, "/file", skip)).value).toEqual(
    new Map([["8:16", { read: 1, write: 2 }]]),
  );
  const blkio = "8:0 Read 1\n8:0 Write lots\n8:16 Read 3\n";
  expect(skipping((skip) => parseBlkio(blkio, "/file", skip)).value).toEqual(
    new Map([
      ["8:0", { read: 1, write: 0 }],
      ["8:16", { read: 3, write: 0 }],
    ]),
  );
  expect(skipping((skip) => oomKills("low ?\noom_kill 1\n", "/file", skip)).value).toBe(1);
});

describe("no text makes a parser throw", () => {
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
    oomKills,
    parseIoStat,
    parseBlkio,
    parseProcCgroups,
    parseCgroupMounts,
  };

  test.each(Object.entries(parsers))("%s", (_name, parse) => {
    fc.assert(
      fc.property(text, (input) => {
        skipping((skip) => parse(input, "/file", skip));
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
        expect(parseIoStat(text, "/file", noSkip)).toEqual(
          new Map(rows.map(([name, read, write]) => [name, { read, write }])),
        );
      },
    ),
  );
});
