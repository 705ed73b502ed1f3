import { parseJson } from "../json/parse-json.ts";

/**
 * Parses a JSON text; undefined when it is not JSON, or over the limits of foreign JSON. Python's encoder writes `NaN`, `Infinity` and
 * `-Infinity` as bare words (`{"value": NaN}`): outside of strings they are read as null. Takes time in proportion to the text,
 * whatever it is.
 */
export function parseLenientJson(text: string): unknown {
  return leniently(text, parseJson);
}

/** Parses the text, and if that gives undefined, the text with its bare words as null. */
export function leniently(text: string, parse: (text: string) => unknown): unknown {
  const value = parse(text);
  return value === undefined && BARE_WORD.test(text) ? parse(withoutBareWords(text)) : value;
}

const BARE_WORD = /NaN|Infinity/;

/** Strings stay as they are, bare words between them become null. */
function withoutBareWords(text: string): string {
  const parts: string[] = [];
  for (let at = 0; ; ) {
    const open = text.indexOf('"', at);
    const outside = open === -1 ? text.slice(at) : text.slice(at, open);
    parts.push(outside.replace(/-?Infinity|NaN/g, "null"));
    if (open === -1) return parts.join("");
    at = endOfString(text, open + 1);
    parts.push(text.slice(open, at));
  }
}

/** Returns the index after the closing quote of the string that begins at `from`, the first one that is not escaped. */
function endOfString(text: string, from: number): number {
  let at = from;
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return Math.min(at + 1, text.length);
}
