/** Splits `a:1,b,,c` into `a:1`, `b`, `c`: as written, in order, without empty ones. */
export function parseTags(text: string): string[] {
  return text.split(",").filter((tag) => tag !== "");
}

/** Parses whole Unix seconds from 1 on; undefined for anything else. */
export function parseTimestamp(text: string): number | undefined {
  const seconds = /^\+?\d+$/.test(text) ? Number(text) : 0;
  return seconds >= 1 && Number.isSafeInteger(seconds) ? seconds : undefined;
}

/** Replaces the two characters `\n`, which clients write because a real line break would end the line. */
export function unescapeNewlines(text: string): string {
  return text.replaceAll("\\n", "\n");
}
