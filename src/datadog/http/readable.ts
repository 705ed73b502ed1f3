/** Returns at most 200 characters on one line, without control characters and what cannot be seen. */
export function readable(text: string): string {
  const line = text.replace(/[\p{C}\p{Z}\ufffd]+/gu, " ").trim();
  return [...line.slice(0, 400)].slice(0, 200).join("");
}
