import { printable } from "./printable.ts";

/** A column: its heading, and the alignment of its cells (numbers to the right). */
export type Column = { title: string; right?: boolean };

/**
 * Formats an aligned table, headings first, with two blanks between columns and none at the ends. Where that is wider than the
 * terminal, each row is a block instead: its first cell, and below it a line for each other one.
 */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width = Number.POSITIVE_INFINITY,
): string {
  const lines = [columns.map(({ title }) => title), ...rows.map((row) => row.map(printable))];
  const aligned = alignedLines(columns, lines);
  const isWide = aligned.some((line) => characters(line) > width);
  return `${(isWide ? blocks(columns, lines.slice(1)) : aligned).join("\n")}\n`;
}

function alignedLines(columns: readonly Column[], lines: readonly (readonly string[])[]): string[] {
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => characters(line[index] ?? ""))));
  return lines.map((line) =>
    columns
      .map(({ right }, index) => {
        const cell = line[index] ?? "";
        const blanks = " ".repeat((widths[index] ?? 0) - characters(cell));
        return right ? blanks + cell : cell + blanks;
      })
      .join("  ")
      .trimEnd(),
  );
}

/** Empty cells have no line. */
function blocks([, ...others]: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const longest = Math.max(...others.map(({ title }) => characters(title.trim())));
  return rows.flatMap(([first = "", ...cells]) => [
    first.trimEnd(),
    ...others.flatMap(({ title }, index) => {
      const cell = (cells[index] ?? "").trim();
      return cell === "" ? [] : [`    ${title.trim().padEnd(longest)}  ${cell}`];
    }),
  ]);
}

/** Characters as a terminal counts them, nearly: code points. */
function characters(text: string): number {
  return [...text].length;
}
