/** `a:1,b,,c` → `a:1`, `b`, `c`: as written, in order, without empty ones. */
export function parseTags(text: string): string[] {
  return text.split(",").filter((tag) => tag !== "");
}

/** Whole Unix seconds from 1 on; undefined for anything else. */
export function parseTimestamp(text: string): number | undefined {
  const seconds = /^\+?\d+$/.test(text) ? Number(text) : 0;
  return seconds >= 1 && Number.isSafeInteger(seconds) ? seconds : undefined;
}

/** Clients write a line break as the two characters `\n`, because a real one would end the line. */
export function unescapeNewlines(text: string): string {
  return text.replaceAll("\\n", "\n");
}
