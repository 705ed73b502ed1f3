import { afterEach, beforeEach, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { createMultiLine } from "../../../src/logs/files/multi-line.ts";
import { NotAFile } from "../../../src/logs/files/open-file.ts";
import { type Tail, tailPath } from "../../../src/logs/files/tail-path.ts";
import { compilePattern } from "../../../src/logs/text/pattern.ts";

let directory: string;
let path: string;
const open: Tail[] = [];
beforeEach(() => {
  directory = mkdtempSync(`${tmpdir()}/chouette-tail-`);
  path = `${directory}/app.log`;
});
afterEach(() => {
  for (const tail of open.splice(0)) tail.close();
  rmSync(directory, { recursive: true });
});

const EVERYTHING = { joiner: undefined, lastLines: Number.POSITIVE_INFINITY };

function tailOf(
  ...[saved, options]: [Parameters<typeof tailPath>[1]?, Parameters<typeof tailPath>[2]?]
): Tail {
  const tail = tailPath(path, saved, options ?? EVERYTHING);
  open.push(tail);
  return tail;
}

function textsOf(tail: Tail, now = 0): string[] {
  const texts: string[] = [];
  for (;;) {
    const { lines } = tail.read(64 * 1024, now);
    if (lines.length === 0) return texts;
    texts.push(...lines.map(({ text }) => text));
  }
}

test("a file that appears later is read from its beginning", () => {
  const tail = tailOf(undefined, { joiner: undefined, lastLines: 0 });
  expect(textsOf(tail)).toEqual([]);
  writeFileSync(path, "a\nb\n");
  expect(textsOf(tail)).toEqual(["a", "b"]);
});

test.each([
  [0, []],
  [2, ["b", "c"]],
  [10, ["a", "b", "c"]],
])("a file that was never read begins %d lines before its end", (lastLines, lines) => {
  writeFileSync(path, "a\nb\nc\n");
  const tail = tailOf(undefined, { joiner: undefined, lastLines });
  expect(textsOf(tail)).toEqual(lines);
  appendFileSync(path, "d\n");
  expect(textsOf(tail)).toEqual(["d"]);
});

test("what a killed reader did not take from two rotated files is read after the restart", () => {
  writeFileSync(path, "a\n");
  const tail = tailOf([]);
  expect(textsOf(tail)).toEqual(["a"]);
  const saved = tail.position();
  appendFileSync(path, "b\n");
  renameSync(path, `${path}.2`);
  writeFileSync(`${path}.1`, "c\n");
  writeFileSync(path, "d\n");
  writeFileSync(`${path}.3.gz`, "not a log\n");
  expect(textsOf(tailOf(saved))).toEqual(["b", "c", "d"]);
});

test("a writer that keeps the renamed file open is read for half a minute", () => {
  const fd = openSync(path, "a");
  writeSync(fd, "a\n");
  const tail = tailOf();
  expect(textsOf(tail, 0)).toEqual(["a"]);
  renameSync(path, `${path}.1`);
  writeFileSync(path, "b\n");
  expect(textsOf(tail, 1)).toEqual(["b"]);
  writeSync(fd, "late\nwithout an end");
  expect(textsOf(tail, 20)).toEqual(["late"]);
  expect(textsOf(tail, 51)).toEqual(["without an end"]);
  expect(tail.position().length).toBe(1);
});

test("a file that is gone before it was read is counted", () => {
  writeFileSync(path, "a\nb");
  const tail = tailOf();
  textsOf(tail);
  rmSync(path);
  expect(tailOf(tail.position()).read(1000, 0)).toEqual({ lines: [], cut: 0, lost: 1 });
});

test("generations that came and went between two looks are read, other logs beside them are not", () => {
  writeFileSync(path, "a\n");
  const tail = tailOf([]);
  expect(textsOf(tail)).toEqual(["a"]);
  renameSync(path, `${path}.3`);
  writeFileSync(`${path}.2`, "b\n");
  writeFileSync(`${directory}/app-20260102.log`, "c\n");
  for (const other of ["app-errors.log.1", "app.log.notes", "application.log.1", "app.log.4.gz"])
    writeFileSync(`${directory}/${other}`, "not of this log\n");
  writeFileSync(path, "d\n");
  expect(textsOf(tail)).toEqual(["b", "c", "d"]);
});

test("a link is followed to the rotated files beside its target, as those of the kubelet are", () => {
  const target = `${directory}/pods/0.log`;
  mkdirSync(`${directory}/pods`);
  writeFileSync(target, "a\n");
  symlinkSync(target, path);
  const tail = tailOf([]);
  expect(textsOf(tail)).toEqual(["a"]);
  renameSync(target, `${target}.20260102-030405`);
  writeFileSync(`${target}.20260102-030406`, "b\n");
  writeFileSync(target, "c\n");
  expect(textsOf(tail)).toEqual(["b", "c"]);
});

test("a backup that somebody made of the log is not read again", () => {
  writeFileSync(path, "a\n");
  const tail = tailOf([]);
  textsOf(tail);
  copyFileSync(path, `${path}.bak`);
  appendFileSync(path, "b\n");
  renameSync(path, `${path}.1`);
  writeFileSync(path, "c\n");
  expect(textsOf(tail)).toEqual(["b", "c"]);
  const saved = tail.position();
  copyFileSync(path, `${directory}/app.old.log`);
  expect(textsOf(tailOf(saved))).toEqual([]);
});

test("lines that were truncated before they were read are counted", () => {
  writeFileSync(path, "a\nb\nc\n");
  const tail = tailOf([]);
  expect(tail.read(2, 0)).toMatchObject({ lines: [{ text: "a" }], lost: 0 });
  truncateSync(path);
  expect(tail.read(1000, 1)).toEqual({ lines: [], cut: 0, lost: 1 });
  appendFileSync(path, "d\n");
  expect(tail.read(1000, 2)).toMatchObject({ lines: [{ text: "d" }], lost: 0 });
});

test("what was rotated away while nothing may be read is kept open until it is read", () => {
  writeFileSync(path, "a\nb\n");
  const tail = tailOf([]);
  expect(tail.read(0, 0).lines).toEqual([]);
  rmSync(path);
  writeFileSync(path, "c\n");
  for (const now of [1, 40, 80]) expect(tail.read(0, now).lines).toEqual([]);
  expect(textsOf(tail, 81)).toEqual(["a", "b", "c"]);
});

test("a log of several lines continues in the file that follows a rotation, also after a restart", () => {
  const joiner = () => createMultiLine(compilePattern("^start"));
  const options = { joiner, lastLines: Number.POSITIVE_INFINITY };
  writeFileSync(path, "start 1\n");
  const tail = tailOf([], options);
  expect(textsOf(tail)).toEqual([]);
  renameSync(path, `${path}.1`);
  writeFileSync(path, "");
  expect(textsOf(tail)).toEqual([]);
  appendFileSync(path, "  at x\n");
  expect(textsOf(tail)).toEqual([]);
  const again = tailOf(tail.position(), options);
  appendFileSync(path, "start 2\n");
  expect(textsOf(again, 1)).toEqual(["start 1\n  at x"]);
  expect(textsOf(again, 9)).toEqual(["start 2"]);
});

test.each([
  ["directory", () => mkdirSync(path)],
  ["FIFO", () => spawnSync("mkfifo", [path])],
])("a %s in place of the file is refused, and the file is read when it is back", (_, replace) => {
  writeFileSync(path, "a\n");
  const tail = tailOf();
  expect(textsOf(tail)).toEqual(["a"]);
  rmSync(path);
  replace();
  expect(textsOf(tail)).toEqual([]);
  expect(tail.problem()).toBeInstanceOf(NotAFile);
  rmSync(path, { recursive: true });
  writeFileSync(path, "b\n");
  expect(textsOf(tail)).toEqual(["b"]);
  expect(tail.problem()).toBeUndefined();
});

test("a line of 1 GB is cut and counted, in little time and memory", () => {
  writeFileSync(path, "first\n");
  truncateSync(path, 1_000_000_000);
  appendFileSync(path, "\nlast\n");
  const tail = tailOf();
  const before = process.memoryUsage().arrayBuffers;
  const texts: string[] = [];
  let cut = 0;
  while (tail.unread() > 0 || texts.length === 0) {
    const taken = tail.read(256 * 1024, 0);
    texts.push(...taken.lines.map(({ text }) => text));
    cut += taken.cut;
  }
  // Its NULs go: what is left of it is an empty line.
  expect([texts, cut]).toEqual([["first", "", "last"], 1]);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100_000_000);
}, 30_000);

test("a stack trace is one log; a restart in the middle of it begins it again", () => {
  const joiner = () => createMultiLine(compilePattern("^\\d{4}-"));
  const options = { joiner, lastLines: Number.POSITIVE_INFINITY };
  writeFileSync(path, "2026-01-01 a\n  at x\n2026-01-01 b\n");
  const tail = tailOf(undefined, options);
  expect(textsOf(tail, 0)).toEqual(["2026-01-01 a\n  at x"]);
  const again = tailOf(tail.position(), options);
  appendFileSync(path, "  at y\n");
  expect(textsOf(again, 1)).toEqual([]);
  expect(textsOf(again, 10)).toEqual(["2026-01-01 b\n  at y"]);
});
