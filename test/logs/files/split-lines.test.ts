import { expect, test } from "bun:test";
import fc from "fast-check";
import { MAX_LINE, splitLines } from "../../../src/logs/files/split-lines.ts";

const START = { offset: 0, skipping: false };
const texts = (bytes: Buffer | string) => splitLines(Buffer.from(bytes), START).lines.map(({ text }) => text);

test("lines end at a newline; an unfinished one waits", () => {
  expect(splitLines(Buffer.from("a\nbc\n\nrest"), { offset: 100, skipping: false })).toEqual({
    lines: [
      { text: "a", start: 100, end: 102 },
      { text: "bc", start: 102, end: 105 },
      { text: "", start: 105, end: 106 },
    ],
    state: { offset: 106, skipping: false },
    cut: 0,
  });
});

test("carriage returns and NULs go, invalid UTF-8 becomes the replacement character", () => {
  expect(texts("a\r\n")).toEqual(["a"]);
  expect(texts(Buffer.concat([Buffer.alloc(5000), Buffer.from("b\n")]))).toEqual(["b"]);
  expect(texts(Buffer.from([0x61, 0xff, 0x62, 10]))).toEqual(["a\ufffdb"]);
});

test("a line that is too long is cut once, and skipped up to its newline", () => {
  const long = splitLines(Buffer.alloc(MAX_LINE + 10, "x"), START);
  expect([long.lines.map(({ text }) => text.length), long.cut]).toEqual([[MAX_LINE], 1]);
  expect(long.state).toEqual({ offset: MAX_LINE + 10, skipping: true });
  const more = splitLines(Buffer.alloc(1000, "x"), long.state);
  expect(more).toEqual({ lines: [], state: { offset: MAX_LINE + 1010, skipping: true }, cut: 0 });
  const end = splitLines(Buffer.from("xx\nnext\n"), more.state);
  expect(end.lines.map(({ text }) => text)).toEqual(["next"]);
});

test("the same lines result however the bytes are read", () => {
  fc.assert(
    fc.property(fc.array(fc.string()), fc.integer({ min: 1, max: 20 }), (written, more) => {
      const bytes = Buffer.from(written.map((line) => `${line.replaceAll(/[\n\r\0]/g, "")}\n`).join(""));
      const taken: string[] = [];
      let state = START;
      for (let to = more; state.offset < bytes.length; to += more) {
        const result = splitLines(bytes.subarray(state.offset, to), state);
        taken.push(...result.lines.map(({ text }) => text));
        state = result.state;
      }
      expect(taken).toEqual(texts(bytes));
    }),
  );
});
