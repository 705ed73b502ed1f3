import { printable } from "./printable.ts";

/** A column: its heading, and the alignment of its cells (numbers to the right). */
export type Column = { title: string; right?: boolean };

/** Formats an aligned table, headings first, with two blanks between columns and none at the ends. */
export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const lines = [columns.map(({ title }) => title), ...rows.map((row) => row.map(printable))];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => width(line[index] ?? ""))));
  const format = (line: readonly string[]) =>
    columns
      .map(({ right }, index) => {
        const cell = line[index] ?? "";
        const blanks = " ".repeat((widths[index] ?? 0) - width(cell));
        return right ? blanks + cell : cell + blanks;
      })
      .join("  ")
      .trimEnd();
  return `${lines.map(format).join("\n")}\n`;
}

/** Counts characters roughly as a terminal does: code points. */
function width(text: string): number {
  return [...text].length;
}
