/**
 * What a terminal acts on instead of showing it: control characters, C1 (U+0080–U+009F, where U+009B begins an escape sequence)
 * among them, and the marks that turn the direction of the text around them (U+202A–U+202E, U+2066–U+2069).
 */
const ACTING = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;

/** Returns foreign text as it may be shown on one line: `\u001b` for what a terminal would act on, line ends included. */
export function printable(text: string): string {
  return text.replace(ACTING, escaped);
}

/** Does the same for text of several lines: its line ends stay. */
export function printableLines(text: string): string {
  return text.split("\n").map(printable).join("\n");
}

/** Returns a value as JSON that may be shown: JSON.stringify itself escapes only the control characters below U+0020. */
export function printableJson(value: unknown): string {
  return printable(JSON.stringify(value));
}

function escaped(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
