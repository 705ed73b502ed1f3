import { describe, expect, test } from "bun:test";
import { parseTegrastats } from "../../../src/plugins/tegrastats/parse-tegrastats.ts";
import { type Reading, tegrastatsChild } from "../../../src/plugins/tegrastats/tegrastats-child.ts";
import { type Part, stage } from "./stage.ts";

const PATH = "/usr/bin/tegrastats";
const QUICK = [PATH, "--interval", "1000"];
const LONG = [PATH, "--interval", "30000"];
const AT = 1_700_000_000;
const never = new AbortController().signal;

/** Used memory in MB: enough to tell readings apart. */
const line = (used: number) => `RAM ${used}/3964MB (lfb 634x4MB) CPU [2%@102,off] PLL@39C`;
const reading = (used: number): Reading => ({ stats: parseTegrastats(line(used)) });

describe("one process beside the captures", () => {
  test("the first reading is that of a quick process, which is ended; then one runs at the interval of the captures", async () => {
    const { lines, processes } = stage(({ length }) => ({
      prints: length === 3 ? [line(1)] : [],
      afterwards: "stays",
    }));
    const child = tegrastatsChild(lines, PATH, 30);
    expect(await child.read(AT, never)).toEqual(reading(1));
    expect(processes.map(({ command, alive }) => [command, alive])).toEqual([
      [QUICK, false],
      [LONG, true],
    ]);
    await child.close();
    expect(processes.map(({ alive }) => alive)).toEqual([false, false]);
  });

  test("each capture has the newest line, and no other process is started", async () => {
    const { lines, processes } = stage(() => ({ prints: [line(1)], afterwards: "stays" }));
    const child = tegrastatsChild(lines, PATH, 30);
    await child.read(AT, never);
    for (const [index, used] of [2, 3, 4].entries()) {
      await processes[1]?.print(line(99));
      await processes[1]?.print(line(used));
      expect(await child.read(AT + 30 * (index + 1), never)).toEqual(reading(used));
    }
    expect(processes.length).toBe(2);
    await child.close();
  });

  test("one line per capture is never a flood, however long it runs", async () => {
    const { lines, processes } = stage(() => ({ prints: [line(1)], afterwards: "stays" }));
    const child = tegrastatsChild(lines, PATH, 30);
    for (let capture = 0; capture < 1000; capture += 1) {
      await child.read(AT + 30 * capture, never);
      await processes[1]?.print(line(capture));
    }
    expect(processes.map(({ alive }) => alive)).toEqual([false, true]);
    await child.close();
  });

  test("lines that are not readings are skipped", async () => {
    const { lines, processes } = stage(() => ({
      prints: ["", "Warning: something", line(1)],
      afterwards: "stays",
    }));
    const child = tegrastatsChild(lines, PATH, 30);
    expect(await child.read(AT, never)).toEqual(reading(1));
    await processes[1]?.print("Warning: something else");
    expect(await child.read(AT + 30, never)).toEqual(reading(1));
    await child.close();
  });

  test("an interval shorter than a second is kept by the quick process, too", async () => {
    const { lines, processes } = stage(() => ({ prints: [line(1)], afterwards: "stays" }));
    const child = tegrastatsChild(lines, PATH, 0.5);
    await child.read(AT, never);
    expect(processes.map(({ command }) => command[2])).toEqual(["500", "500"]);
    await child.close();
  });

  test("it can be closed at any time, and starts nothing afterwards", async () => {
    const { lines, processes } = stage(() => ({ prints: [line(1)], afterwards: "stays" }));
    const child = tegrastatsChild(lines, PATH, 30);
    await child.close();
    await child.close();
    expect(await child.read(AT, never)).toEqual(reading(1));
    expect(processes.filter(({ alive }) => alive)).toEqual([]);
  });
});

describe("a process that hangs", () => {
  test("is ended after three captures with the same line, and another one started", async () => {
    let used = 0;
    const { lines, processes } = stage(({ length }) => {
      used += 1;
      return { prints: length === 3 ? [line(used)] : [], afterwards: "stays" };
    });
    const child = tegrastatsChild(lines, PATH, 30);
    await child.read(AT, never);
    await processes[1]?.rest();
    expect(await child.read(AT + 30, never)).toEqual(reading(2));
    expect(await child.read(AT + 60, never)).toEqual(reading(2));
    expect(await child.read(AT + 90, never)).toEqual(reading(2));
    expect(await child.read(AT + 120, never)).toEqual({
      ...reading(3),
      replaced: `${PATH} had printed nothing for 3 captures and was ended`,
    });
    expect(processes.map(({ command, alive }) => [command, alive])).toEqual([
      [QUICK, false],
      [LONG, false],
      [QUICK, false],
      [LONG, true],
    ]);
    await child.close();
  });

  test("from the first line is ended by the signal, and nothing keeps running", async () => {
    const { lines, processes } = stage(() => ({ prints: [], afterwards: "stays" }));
    const child = tegrastatsChild(lines, PATH, 30);
    const deadline = new AbortController();
    const pending = child.read(AT, deadline.signal);
    deadline.abort();
    expect(await pending).toEqual({ problem: `${PATH} printed no reading in time` });
    expect(processes.filter(({ alive }) => alive)).toEqual([]);
    await child.close();
  });
});

describe("a process that dies", () => {
  test("is started again by the next capture, which has its last line; no other capture has that", async () => {
    const parts = [[line(1)], [line(2)], [], [line(3)], []];
    const { lines, processes } = stage((command) => ({
      prints: parts.shift() ?? [],
      afterwards: command[2] === "30000" ? "fails" : "stays",
    }));
    const child = tegrastatsChild(lines, PATH, 30);
    for (const [index, used] of [1, 2, 3].entries()) {
      expect(await child.read(AT + 30 * index, never)).toEqual(reading(used));
      await processes.at(-1)?.rest();
    }
    expect(processes.map(({ command }) => command)).toEqual([QUICK, LONG, LONG, QUICK, LONG]);
    await child.close();
  });

  test("is restarted ever later without a line, up to a quarter of an hour, while captures continue", async () => {
    const isLong = (command: readonly string[]) => command[2] === "30000";
    const { lines, processes } = stage(
      (command): Part =>
        isLong(command) ? { prints: [], afterwards: "fails" } : { prints: [line(1)], afterwards: "stays" },
    );
    const child = tegrastatsChild(lines, PATH, 30);
    const starts: number[] = [];
    for (let seconds = 0; seconds <= 3600; seconds += 30) {
      const before = processes.filter(({ command }) => isLong(command)).length;
      expect(await child.read(AT + seconds, never)).toEqual(reading(1));
      await processes.at(-1)?.rest();
      if (processes.filter(({ command }) => isLong(command)).length > before) starts.push(seconds);
    }
    expect(starts).toEqual([0, 30, 90, 210, 450, 930, 1830, 2730]);
    await child.close();
  });
});

describe("a program that is not as expected", () => {
  test("without --interval gets a new process for each reading", async () => {
    const { lines, processes } = stage(
      ({ length }): Part =>
        length > 1
          ? { prints: ["Usage: tegrastats [-option]"], afterwards: "fails" }
          : { prints: [line(1)], afterwards: "stays" },
    );
    const child = tegrastatsChild(lines, PATH, 30);
    expect(await child.read(AT, never)).toEqual(reading(1));
    expect(await child.read(AT + 30, never)).toEqual(reading(1));
    expect(processes.map(({ command }) => command)).toEqual([QUICK, [PATH], [PATH]]);
    expect(processes.filter(({ alive }) => alive)).toEqual([]);
    await child.close();
  });

  test("that cannot be started is reported each time, and used as soon as it exists", async () => {
    let there = false;
    const { lines } = stage(
      (): Part =>
        there ? { prints: [line(1)], afterwards: "stays" } : { prints: [], afterwards: "cannot start" },
    );
    const child = tegrastatsChild(lines, PATH, 30);
    const problem = `cannot start ${PATH}: no such file`;
    expect(await child.read(AT, never)).toEqual({ problem });
    expect(await child.read(AT + 30, never)).toEqual({ problem });
    there = true;
    expect(await child.read(AT + 60, never)).toEqual(reading(1));
    await child.close();
  });

  test("that prints something else and ends is reported with its last line", async () => {
    const { lines } = stage(() => ({ prints: ["", `sorry ${"x".repeat(200)}`, " "], afterwards: "ends" }));
    const child = tegrastatsChild(lines, PATH, 30);
    const words = JSON.stringify(`sorry ${"x".repeat(94)}`);
    expect(await child.read(AT, never)).toEqual({
      problem: `${PATH} ended without a reading; it printed ${words}`,
    });
    await child.close();
  });

  test("that keeps printing something else is ended", async () => {
    const { lines, processes } = stage(() => ({ prints: Array(5000).fill("nonsense"), afterwards: "stays" }));
    const child = tegrastatsChild(lines, PATH, 30);
    expect(await child.read(AT, never)).toEqual({
      problem: `${PATH} ended without a reading; it printed "nonsense"`,
    });
    expect(processes.map(({ taken, alive }) => [taken, alive])).toEqual([
      [101, false],
      [101, false],
    ]);
    await child.close();
  });
});
