import { expect, test } from "bun:test";
import { stripElf32 } from "../../scripts/build/strip-elf32.ts";

test("everything up to the end of the last segment is unchanged, except the table of sections", () => {
  const executable = elf({
    segments: [
      [0, 200],
      [200, 56],
      [120, 0],
    ],
    size: 300,
    sections: [260, 1, 0],
  });
  const before = executable.slice();
  const stripped = stripElf32(executable);
  expect(stripped).toEqual(
    elf({
      segments: [
        [0, 200],
        [200, 56],
        [120, 0],
      ],
      size: 256,
      sections: [0, 0, 0],
    }),
  );
  expect(executable).toEqual(before);
});

test("an executable without sections is unchanged", () => {
  const executable = elf({ segments: [[0, 148]], size: 148, sections: [0, 0, 0] });
  expect(stripElf32(executable)).toEqual(executable);
});

/** Segments: offset and size in the file. Sections: offset, number, index of their names. */
function elf({ segments, size, sections }: { segments: number[][]; size: number; sections: number[] }) {
  const bytes = Buffer.alloc(size).fill(0xaa);
  bytes.fill(0, 0, 52);
  bytes.writeUInt32LE(52, 28);
  bytes.writeUInt32LE(sections[0] ?? 0, 32);
  bytes.writeUInt16LE(32, 42);
  bytes.writeUInt16LE(segments.length, 44);
  bytes.writeUInt16LE(sections[1] ?? 0, 48);
  bytes.writeUInt16LE(sections[2] ?? 0, 50);
  for (const [index, [offset = 0, fileSize = 0]] of segments.entries()) {
    bytes.writeUInt32LE(offset, 52 + index * 32 + 4);
    bytes.writeUInt32LE(fileSize, 52 + index * 32 + 16);
  }
  return new Uint8Array(bytes);
}
