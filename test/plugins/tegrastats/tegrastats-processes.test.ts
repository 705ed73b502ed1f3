import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lines } from "../../../src/io/lines.ts";
import type { Io } from "../../../src/plugins/plugin.ts";
import { parseTegrastats } from "../../../src/plugins/tegrastats/parse-tegrastats.ts";
import { type Reading, tegrastatsChild } from "../../../src/plugins/tegrastats/tegrastats-child.ts";

const AT = 1_700_000_000;
const never = new AbortController().signal;

/** Used memory in MB: enough to tell readings apart. */
const line = (used: number) => `RAM ${used}/3964MB (lfb 634x4MB) CPU [2%@102,off] PLL@39C`;
const reading = (used: number): Reading => ({ stats: parseTegrastats(line(used)) });

describe("real processes", () => {
  const PROGRAMS = join(import.meta.dir, "..", "..", "fixtures", "tegrastats-programs");
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tegrastats-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** A copy of the stand-in, with the named pipes that it uses. */
  function install(program: string, ...pipes: string[]): string {
    const path = join(folder, program);
    cpSync(join(PROGRAMS, program), path);
    for (const pipe of pipes) execFileSync("mkfifo", [`${path}.${pipe}`]);
    return path;
  }

  /** The real `lines`; `next()` resolves when the reader wants a line beyond those it has, or its process has ended. */
  function watched(): {
    lines: Io["lines"];
    started: string[][];
    taken: number;
    ended: number;
    next: () => Promise<void>;
  } {
    let notify = () => {};
    const self = {
      started: [] as string[][],
      taken: 0,
      ended: 0,
      next: () =>
        new Promise<void>((resolve) => {
          notify = resolve;
        }),
      lines: async function* (command: readonly [string, ...string[]], signal: AbortSignal) {
        self.started.push([...command]);
        try {
          for await (const text of lines(command, signal)) {
            self.taken += 1;
            yield text;
            notify();
          }
        } finally {
          self.ended += 1;
          notify();
        }
      },
    };
    return self;
  }

  test("on-demand: a quick line, then those of the process that stays, until it is closed", async () => {
    const path = install("on-demand", "lines");
    const io = watched();
    const child = tegrastatsChild(io.lines, path, 30);
    const first = child.read(AT, never);
    await writeFile(`${path}.lines`, `${line(1)}\n`);
    expect(await first).toEqual(reading(1));
    for (const used of [2, 3]) {
      const taken = io.next();
      await writeFile(`${path}.lines`, `${line(used)}\n`);
      await taken;
      expect(await child.read(AT + 30 * used, never)).toEqual(reading(used));
    }
    expect(io.started).toEqual([
      [path, "--interval", "1000"],
      [path, "--interval", "30000"],
    ]);
    await child.close();
    expect(io.ended).toBe(2);
  });

  test("never-ends-a-line: the signal ends the waiting and the process", async () => {
    const path = install("never-ends-a-line", "begun");
    const io = watched();
    const child = tegrastatsChild(io.lines, path, 30);
    const deadline = new AbortController();
    const pending = child.read(AT, deadline.signal);
    await readFile(`${path}.begun`);
    deadline.abort();
    expect(await pending).toEqual({ problem: `${path} printed no reading in time` });
    expect(io).toMatchObject({ started: [[path, "--interval", "1000"]], ended: 1 });
    await child.close();
  });

  test("floods: a bounded number of lines is taken, then the process is ended until the next capture", async () => {
    const path = install("floods");
    const io = watched();
    const child = tegrastatsChild(io.lines, path, 30);
    const last = parseTegrastats(readFileSync(join(PROGRAMS, "floods"), "utf8").split("'")[1] ?? "");
    for (const capture of [1, 2, 3]) {
      expect(await child.read(AT + 30 * capture, never)).toEqual({ stats: last });
      while (io.ended < io.started.length) await io.next();
      expect(io.taken).toBeLessThanOrEqual(capture * 302);
    }
    await child.close();
  });

  test("dies: each capture has the line of a process of its own", async () => {
    const path = install("dies");
    const io = watched();
    const child = tegrastatsChild(io.lines, path, 30);
    for (const capture of [1, 2, 3]) {
      expect(await child.read(AT + 30 * capture, never)).toMatchObject({ stats: { unknown: 0 } });
      while (io.ended < io.started.length) await io.next();
    }
    expect(io.started.length).toBeLessThanOrEqual(6);
    await child.close();
  });

  test("early: without --interval, and not asked for it again", async () => {
    const path = install("early");
    const io = watched();
    const child = tegrastatsChild(io.lines, path, 30);
    const { stats } = (await child.read(AT, never)) as { stats: { ram: unknown } };
    expect(stats.ram).toEqual({ used: 714 * 2 ** 20, total: 1876 * 2 ** 20 });
    await child.read(AT + 30, never);
    expect(io.started).toEqual([[path, "--interval", "1000"], [path], [path]]);
    expect(io.ended).toBe(3);
    await child.close();
  });

  test("no such program", async () => {
    const child = tegrastatsChild(lines, join(folder, "tegrastats"), 30);
    const reading = await child.read(AT, never);
    expect(reading).toEqual({ problem: expect.stringContaining(`cannot start ${folder}/tegrastats`) });
    await child.close();
  });
});
