/** Bytes of a line that are kept; the rest is skipped up to the newline, and the line counted as cut. */
export const MAX_LINE = 256_000;

/**
 * A line without its newline. `start` and `end` are offsets in the file: of its first byte, and behind its newline. `at` (Unix
 * seconds) and `stream` (`stderr`) are what a container runtime says of it.
 */
export type RawLine = { text: string; start: number; end: number; at?: number; stream?: string };

/** Where splitting stands: the offset of the next byte, and whether the rest of a line that was cut is being skipped. */
export type SplitState = { offset: number; skipping: boolean };

/**
 * Splits the bytes of a file into lines. Invalid UTF-8 becomes U+FFFD, NULs (a power cut leaves them) and a carriage return at the
 * end go. `chunk` begins at `offset` and is not longer than MAX_LINE plus one read: an unfinished line in it is to be given again,
 * together with what follows.
 */
export function splitLines(
  chunk: Buffer,
  { offset, skipping }: SplitState,
): { lines: RawLine[]; state: SplitState; cut: number } {
  const lines: RawLine[] = [];
  let from = 0;
  let isSkipping = skipping;
  let cut = 0;
  for (let to = chunk.indexOf(10); to !== -1; to = chunk.indexOf(10, from)) {
    if (!isSkipping) {
      if (to - from > MAX_LINE) cut++;
      lines.push(lineOf(chunk, from, to, offset));
    }
    isSkipping = false;
    from = to + 1;
  }
  if (isSkipping) from = chunk.length;
  else if (chunk.length - from > MAX_LINE) {
    lines.push({ ...lineOf(chunk, from, chunk.length, offset), end: offset + chunk.length });
    isSkipping = true;
    cut++;
    from = chunk.length;
  }
  return { lines, state: { offset: offset + from, skipping: isSkipping }, cut };
}

/** The line in the bytes [from, to), cut where it is too long. */
function lineOf(chunk: Buffer, from: number, to: number, offset: number): RawLine {
  const text = textOf(chunk.subarray(from, Math.min(to, from + MAX_LINE)));
  return { text, start: offset + from, end: offset + to + 1 };
}

/** Returns the text of a line's bytes. */
export function textOf(bytes: Buffer): string {
  const text = bytes.toString("utf8");
  const clean = text.includes("\0") ? text.replaceAll("\0", "") : text;
  return clean.endsWith("\r") ? clean.slice(0, -1) : clean;
}
