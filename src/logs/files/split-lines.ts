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
  const text = chunk.toString("utf8");
  // Every character is one byte: places in the text are places in the file.
  const isPlain = text.length === chunk.length;
  const hasOddities = text.includes("\0") || text.includes("\r");
  let from = 0;
  let isSkipping = skipping;
  let cut = 0;
  for (let at = 0, end = text.indexOf("\n"); end !== -1; at = end + 1, end = text.indexOf("\n", at)) {
    const to = isPlain ? end : chunk.indexOf(10, from);
    if (!isSkipping) {
      const isLong = to - from > MAX_LINE;
      if (isLong) cut++;
      const line = isLong ? textOf(chunk.subarray(from, from + MAX_LINE)) : text.slice(at, end);
      lines.push({ text: hasOddities ? cleaned(line) : line, start: offset + from, end: offset + to + 1 });
    }
    isSkipping = false;
    from = to + 1;
  }
  if (isSkipping) from = chunk.length;
  else if (chunk.length - from > MAX_LINE) {
    const start = offset + from;
    const line = textOf(chunk.subarray(from, from + MAX_LINE));
    lines.push({ text: line, start, end: offset + chunk.length });
    isSkipping = true;
    cut++;
    from = chunk.length;
  }
  return { lines, state: { offset: offset + from, skipping: isSkipping }, cut };
}

/** Returns the text of a line's bytes. */
export function textOf(bytes: Buffer): string {
  return cleaned(bytes.toString("utf8"));
}

function cleaned(text: string): string {
  const clean = text.includes("\0") ? text.replaceAll("\0", "") : text;
  return clean.endsWith("\r") ? clean.slice(0, -1) : clean;
}
