import type { Env } from "../config/variable.ts";

/** ASCII replacements of the characters that Chouette prints. */
const SIGNS: Readonly<Record<string, string>> = {
  "°": "",
  µ: "u",
  "…": "...",
  "–": "-",
  "−": "-",
  "×": "x",
  "→": "->",
  "▁": "_",
  "▂": ".",
  "▃": "-",
  "▄": "=",
  "▅": "+",
  "▆": "*",
  "▇": "%",
  "█": "#",
};

/** True in a locale whose characters are ASCII: `LC_ALL=C`, where a terminal shows anything else as garbage. */
export function isAsciiLocale({ LC_ALL, LC_CTYPE, LANG }: Env): boolean {
  return /^(C|POSIX)$/.test(LC_ALL || LC_CTYPE || LANG || "");
}

/** Returns the text in ASCII: `25 °C` as `25 C`, `ü` as `\u00fc`. A JSON document stays the same document. */
export function toAscii(text: string): string {
  const isJson = text.startsWith("{");
  return text.replace(/[\x80-\uffff]/g, (unit) => {
    const escaped = `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
    return isJson ? escaped : (SIGNS[unit] ?? escaped);
  });
}
