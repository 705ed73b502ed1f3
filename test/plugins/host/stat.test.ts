import { describe, expect, test } from "bun:test";
import { parseStat } from "../../../src/plugins/host/stat.ts";
import { noSkip, skipping } from "../kernel/skipping.ts";
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
    const { total, cores } = parseStat(captured(path), noSkip);
    expect(Object.values(total ?? {})).toEqual(total_line);
    expect([...cores.keys()]).toEqual(Array.from({ length: cpus }, (_, core) => core));
  });

  test("CPUs that are off are missing", () => {
    const path = "proc/stat/offline-gaps.txt";
    const { cores } = parseStat(captured(path), noSkip);
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

  test("running and waiting threads, undefined when the file is truncated", () => {
    const { running, blocked } = parseStat(captured("proc/stat/x86-16core-proc1.txt"), noSkip);
    expect([running, blocked]).toEqual([2, 1]);
    expect(parseStat(captured("proc/stat/pi-totalline.txt"), noSkip)).toMatchObject({
      running: undefined,
      blocked: undefined,
    });
  });
});

test("old kernels have fewer columns, newer ones may have more", () => {
  expect(Object.values(parseStat("cpu  1 2 3 4\n", noSkip).total ?? {})).toEqual([
    1, 2, 3, 4, 0, 0, 0, 0, 0, 0,
  ]);
  expect(Object.values(parseStat("cpu  1 2 3 4 5 6 7 8 9 10 11 12\n", noSkip).total ?? {})).toEqual([
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
  ]);
});

test("without a line of all CPUs the rest stays", () => {
  expect(parseStat("cpu0 1 2 3 4\nprocs_running 1\n", noSkip)).toMatchObject({
    total: undefined,
    running: 1,
  });
});

test.each([
  ["too few columns", "cpu1 1 2 3"],
  ["a word for a number", "cpu1 1 2 three 4"],
  ["a number below zero", "cpu1 1 2 -3 4"],
  ["a number at 2^63", "cpu1 1 2 9223372036854775808 4"],
  ["a count without its number", "procs_blocked"],
  ["a count of words", "procs_blocked many"],
])("%s costs only that line", (_, line) => {
  const { value, skipped } = skipping((skip) =>
    parseStat(`cpu  5 6 7 8\n${line}\ncpu0 1 2 3 4\nprocs_running 2\n`, skip),
  );
  expect([value.total?.idle, [...value.cores.keys()], value.running, value.blocked]).toEqual([
    8,
    [0],
    2,
    undefined,
  ]);
  expect(skipped).toEqual([["/proc/stat", line]]);
});

test("the lines that are not used may look as they like", () => {
  expect(parseStat("cpu  1 2 3 4\nintr ?\nbtime\n", noSkip).total?.user).toBe(1);
});
