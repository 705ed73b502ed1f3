/** Text of strangers for a terminal: control characters, line ends among them, as `\u001b`. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
