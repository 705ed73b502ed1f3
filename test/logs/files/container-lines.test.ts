import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { Glob } from "bun";
import fc from "fast-check";
import { createContainerLines } from "../../../src/logs/files/container-lines.ts";
import type { ContainerFormat } from "../../../src/logs/files/container-log.ts";
import { type RawLine, splitLines } from "../../../src/logs/files/split-lines.ts";

const ROOT = "test/fixtures/container-logs";
const START = { offset: 0, skipping: false };

/** The logs of files that are read one after the other. */
function logsOf(format: ContainerFormat, ...files: (string | Buffer)[]): RawLine[] {
  const joiner = createContainerLines(format);
  const logs = files.flatMap((bytes, file) => joiner.take(splitLines(Buffer.from(bytes), START).lines, file));
  return [...logs, ...joiner.flush()];
}

const captured = (pattern: string) =>
  [...new Glob(pattern).scanSync(ROOT)]
    .sort((a, b) => b.length - a.length || b.localeCompare(a))
    .map((file) => readFileSync(`${ROOT}/${file}`));

const LONG = `a-${"x".repeat(32_768)}-z`;
const numbered = (count: number) => Array.from({ length: count }, (_, i) => `line ${i}`);

test("the generations of Docker's json-file give each line once, one that crosses a rotation as well", () => {
  const lines = logsOf("docker", ...captured("**/*-json.log*"));
  expect(lines.map(({ text, stream }) => [text, stream])).toEqual([
    ["oops", "stderr"],
    ...[
      '{"level":"warn","msg":"json"}',
      "tab\\t\\033[31mred\\033[0m é",
      LONG,
      ...numbered(300),
      "no end",
    ].map((text) => [text, "stdout"]),
  ]);
  expect(lines[0]?.at).toBe(Date.parse("2026-11-28T07:42:01.533Z") / 1000);
});

test("Podman's k8s-file gives each line once", () => {
  const lines = logsOf("cri", ...captured("**/ctr.log"));
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
  expect(logsOf("docker", '{"log":"a\\n","time":"soon"}\n')).toMatchObject([
    { text: "a", start: 0, end: 28 },
  ]);
});

const piece = fc.record({
  stream: fc.constantFrom("stdout", "stderr"),
  tag: fc.constantFrom("F", "P"),
  text: fc.stringMatching(/^[a-z]{0,5}$/),
});

test("pieces of both streams are joined, in the order of their first ones, across files; a restart at the open one repeats none", () => {
  fc.assert(
    fc.property(fc.array(fc.array(piece), { minLength: 1, maxLength: 4 }), fc.nat(), (written, stop) => {
      const files = written.map((pieces) =>
        pieces.map((it) => `2026-01-02T03:04:05.678901234Z ${it.stream} ${it.tag} ${it.text}\n`).join(""),
      );
      const all = files.flatMap((text, file) =>
        splitLines(Buffer.from(text), START).lines.map((line) => ({ line, file })),
      );
      const taken = all.slice(0, stop % (all.length + 1));
      const first = createContainerLines("cri");
      const before = taken.flatMap(({ line, file }) => first.take([line], file));
      // As the position of each file has it.
      const from = files.map((_, file) => {
        const read = taken.filter((it) => it.file === file).at(-1)?.line.end ?? 0;
        return first.openAt(file) ?? read;
      });
      const second = createContainerLines("cri");
      const rest = all.filter(({ line, file }) => line.start >= (from[file] ?? 0));
      const after = [...rest.flatMap(({ line, file }) => second.take([line], file)), ...second.flush()];
      const shown = (logs: readonly RawLine[]) => logs.map(({ text, stream }) => `${stream} ${text}`);
      expect(shown([...before, ...after])).toEqual(shown(logsOf("cri", ...files)));
      for (const stream of ["stdout", "stderr"]) {
        const joined = [...before, ...after].filter((it) => it.stream === stream).map(({ text }) => text);
        const pieces = written.flat().filter((it) => it.stream === stream);
        expect(joined.join("")).toBe(pieces.map(({ text }) => text).join(""));
      }
    }),
    { numRuns: 500 },
  );
});
