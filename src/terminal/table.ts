import { printable } from "./printable.ts";

/** A column: its heading, and on which side its cells stand (numbers to the right). */
export type Column = { title: string; right?: boolean };

/** Lines of an aligned table, headings first, without blanks at the ends; two blanks between columns. */
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

/** Characters as a terminal counts them, nearly: code points. */
function width(text: string): number {
  return [...text].length;
}
