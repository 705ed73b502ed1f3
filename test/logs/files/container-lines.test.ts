import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { Glob } from "bun";
import fc from "fast-check";
import { createContainerLines } from "../../../src/logs/files/container-lines.ts";
import type { ContainerFormat } from "../../../src/logs/files/container-log.ts";
import { type RawLine, splitLines } from "../../../src/logs/files/split-lines.ts";

const ROOT = "test/fixtures/container-logs";
const START = { offset: 0, skipping: false };

function logsOf(format: ContainerFormat, text: string | Buffer): RawLine[] {
  const joiner = createContainerLines(format);
  return [...joiner.take(splitLines(Buffer.from(text), START).lines), ...joiner.flush()];
}

const captured = (pattern: string) =>
  [...new Glob(pattern).scanSync(ROOT)]
    .sort((a, b) => b.length - a.length || b.localeCompare(a))
    .map((file) => readFileSync(`${ROOT}/${file}`));

const LONG = `a-${"x".repeat(32_768)}-z`;
const numbered = (count: number) => Array.from({ length: count }, (_, i) => `line ${i}`);

// Docker began a new file in the middle of the long line.
const divided = LONG.length - 4;

test("the generations of Docker's json-file give each line once; one that crosses a rotation leaves in two", () => {
  const lines = captured("**/*-json.log*").flatMap((bytes) => logsOf("docker", bytes));
  expect(lines.map(({ text, stream }) => [text, stream])).toEqual([
    ["oops", "stderr"],
    ...[
      '{"level":"warn","msg":"json"}',
      "tab\\t\\033[31mred\\033[0m é",
      LONG.slice(0, divided),
      LONG.slice(divided),
      ...numbered(300),
      "no end",
    ].map((text) => [text, "stdout"]),
  ]);
  expect(lines[0]?.at).toBe(Date.parse("2026-11-28T07:42:01.533Z") / 1000);
});

test("Podman's k8s-file gives each line once", () => {
  const lines = captured("**/ctr.log").flatMap((bytes) => logsOf("cri", bytes));
  const texts = (stream: string) => lines.filter((line) => line.stream === stream).map(({ text }) => text);
  expect(texts("stdout")).toEqual([
    '{"level":"warn","msg":"json"}',
    "tab\\t\\033[31mred\\033[0m é",
    LONG,
    ...numbered(30),
    "no end",
  ]);
  expect(texts("stderr")).toEqual(["oops"]);
});

test("what no runtime wrote is sent as it is", () => {
  const odd = ["{", "[]", '{"log":1}', "null", ""];
  expect(logsOf("docker", `${odd.join("\n")}\n`).map(({ text }) => text)).toEqual(odd);
  const lines = ["2026-01-02 not of a runtime", "2026-01-02T03:04:05.678901234Z stdout X text"];
  expect(logsOf("cri", `${lines.join("\n")}\n`).map(({ text }) => text)).toEqual(lines);
});

test("a time that cannot be read dates nothing", () => {
  expect(logsOf("docker", '{"log":"a\\n","time":"soon"}\n')).toEqual([{ text: "a", start: 0, end: 28 }]);
});

const piece = fc.record({
  stream: fc.constantFrom("stdout", "stderr"),
  tag: fc.constantFrom("F", "P"),
  text: fc.stringMatching(/^[a-z]{0,5}$/),
});

test("pieces of both streams are joined, in the order of their first ones; a restart at the open one repeats none", () => {
  fc.assert(
    fc.property(fc.array(piece), fc.nat(), (pieces, stop) => {
      const lines = pieces.map((it) => `2026-01-02T03:04:05.678901234Z ${it.stream} ${it.tag} ${it.text}\n`);
      const bytes = Buffer.from(lines.join(""));
      const whole = splitLines(bytes, START).lines;
      const first = createContainerLines("cri");
      const taken = whole.slice(0, stop % (whole.length + 1));
      const before = first.take(taken);
      const from = first.openAt() ?? taken.at(-1)?.end ?? 0;
      const second = createContainerLines("cri");
      const after = [...second.take(whole.filter(({ start }) => start >= from)), ...second.flush()];
      expect([...before, ...after].map(({ text, stream, start }) => ({ text, stream, start }))).toEqual(
        logsOf("cri", bytes).map(({ text, stream, start }) => ({ text, stream, start })),
      );
      for (const stream of ["stdout", "stderr"]) {
        const joined = [...before, ...after].filter((it) => it.stream === stream).map(({ text }) => text);
        const written = pieces.filter((it) => it.stream === stream).map(({ text }) => text);
        expect(joined.join("")).toBe(written.join(""));
      }
    }),
  );
});
