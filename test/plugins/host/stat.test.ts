import { describe, expect, test } from "bun:test";
import { ParseError } from "../../../src/errors.ts";
import { parseStat } from "../../../src/plugins/host/stat.ts";
import { captured, readByHand } from "./captures.ts";

describe("what devices print", () => {
  test.each([
    "x86-16core-proc0.txt",
    "x86-16core-proc1.txt",
    "x86-4core-2017.txt",
    "node-exporter.txt",
    "pi-totalline.txt",
  ])("%s", (name) => {
    const path = `proc/stat/${name}`;
    const { cpus = 0, total_line } = readByHand<{ cpus?: number; total_line: number[] }>(path);
    const { total, cores } = parseStat(captured(path));
    expect(Object.values(total)).toEqual(total_line);
    expect([...cores.keys()]).toEqual(Array.from({ length: cpus }, (_, core) => core));
  });

  test("CPUs that are off are missing", () => {
    const path = "proc/stat/offline-gaps.txt";
    const { cores } = parseStat(captured(path));
    expect([...cores.keys()]).toEqual(readByHand<{ cpu_ids: number[] }>(path).cpu_ids);
    expect(cores.get(25)).toEqual({
      user: 320518,
      nice: 335,
      system: 402933,
      idle: 171988746,
      iowait: 27002,
      irq: 0,
      softirq: 653,
      steal: 0,
      guest: 0,
      guestNice: 0,
    });
  });

  test("running and waiting threads, undefined where the file does not go on", () => {
    const { running, blocked } = parseStat(captured("proc/stat/x86-16core-proc1.txt"));
    expect([running, blocked]).toEqual([2, 1]);
    expect(parseStat(captured("proc/stat/pi-totalline.txt"))).toMatchObject({
      running: undefined,
      blocked: undefined,
    });
  });
});

test("old kernels have fewer columns, newer ones may have more", () => {
  expect(Object.values(parseStat("cpu  1 2 3 4\n").total)).toEqual([1, 2, 3, 4, 0, 0, 0, 0, 0, 0]);
  expect(Object.values(parseStat("cpu  1 2 3 4 5 6 7 8 9 10 11 12\n").total)).toEqual([
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
  ]);
});

test.each([
  ["nothing", "", ""],
  ["no line of all CPUs", "cpu0 1 2 3 4\nprocs_running 1\n", "cpu0 1 2 3 4\nprocs_running 1\n"],
  ["too few columns", "cpu  1 2 3\n", "cpu  1 2 3"],
  ["a word for a number", "cpu  1 2 three 4\n", "cpu  1 2 three 4"],
  ["a number below zero", "cpu  1 2 -3 4\n", "cpu  1 2 -3 4"],
  ["a CPU without a number", "cpu  1 2 3 4\ncpux 1 2 3 4\n", "cpux 1 2 3 4"],
  ["a count without its number", "cpu  1 2 3 4\nprocs_running\n", "procs_running"],
  ["a count of words", "cpu  1 2 3 4\nprocs_blocked many\n", "procs_blocked many"],
])("%s is a ParseError with file and line", (_, text, line) => {
  expect(() => parseStat(text)).toThrow(new ParseError("/proc/stat", line));
});
