/**
 * Breaks lines that are wider than a terminal at their blanks; what follows stands two blanks further in,
 * or below the value of a line such as `key            …cdef` where there is room. Words that are wider than
 * that, such as paths, stay whole: a terminal breaks them so that they can still be copied.
 */
export function wrap(text: string, width: number): string {
  return text
    .split("\n")
    .flatMap((line) => wrapLine(line, width))
    .join("\n");
}

function wrapLine(line: string, width: number): string[] {
  if ([...line].length <= width) return [line];
  const indent = indentOf(line, width);
  const lines: string[] = [];
  let current = "";
  for (const [, gap = "", word = ""] of line.matchAll(/( *)([^ ]+)/g)) {
    if (current !== "" && [...current, ...gap, ...word].length > width) {
      lines.push(current);
      current = `${indent}${word}`;
    } else current += `${gap}${word}`;
  }
  return [...lines, current];
}

function indentOf(line: string, width: number): string {
  const [label = ""] = /^\w+( \w+)* {2,}(?=\S)/.exec(line) ?? [];
  if (label !== "" && label.length * 4 <= width) return " ".repeat(label.length);
  return `${/^ */.exec(line)?.[0] ?? ""}  `;
}
