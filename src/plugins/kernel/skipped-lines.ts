import type { Capture } from "../plugin.ts";

/** Called with each malformed line and its file. */
export type Skip = (source: string, line: string) => void;

export type SkippedLines = {
  skip: Skip;
  /** Says how many lines were skipped, and the first; nothing when none was. */
  remark(): Pick<Capture, "reason" | "remedy">;
};

/** Lines that are remembered; a file full of nonsense must not fill the memory. */
const MOST = 1000;

/**
 * Collects the lines of one capture that nobody understands. Such a line costs itself, never its file or the group of metrics. A
 * file that is read twice counts once.
 */
export function createSkippedLines(): SkippedLines {
  const lines = new Set<string>();
  return {
    skip: (source, line) => {
      if (lines.size < MOST) lines.add(`${source}: ${JSON.stringify(line.slice(0, 200))}`);
    },
    // The number stands alone, so that the log takes 2 lines and 3 lines for the same news.
    remark: () => {
      const [first] = lines;
      if (first === undefined) return {};
      return {
        reason: `lines not understood: ${lines.size}, the first in ${first}`,
        remedy: "Report this line together with the output of: uname -a",
      };
    },
  };
}

/** Parses a file of the kernel line by line. `parse` returns undefined for a line that it does not understand. */
export function parseLines<T>(
  text: string,
  source: string,
  skip: Skip,
  parse: (line: string) => T | undefined,
): T[] {
  const parsed: T[] = [];
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const value = parse(line);
    if (value === undefined) skip(source, line);
    else parsed.push(value);
  }
  return parsed;
}
