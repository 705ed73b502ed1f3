/** Levels of lists and objects; records and answers of Docker and kubelet have fewer than ten. */
const DEEPEST = 100;

/** Lists and objects in one text; an answer of 8 MiB that is nothing else takes 250 MB once it is parsed. */
const MOST = 100_000;

/**
 * Tells why a JSON text of another program is not parsed, e.g. `nests deeper than 100 levels`; undefined when it may be parsed. Reads the
 * text once, up to the first limit, and takes no memory. On armv7 a recursive function overflows the stack at some 6,000 levels.
 */
export function overJsonLimits(text: string): string | undefined {
  // No text this short has 101 levels and their ends: most records are not scanned at all.
  if (text.length <= 2 * DEEPEST) return undefined;
  let depth = 0;
  let opened = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(text, at);
        break;
      case OPEN_LIST:
      case OPEN_OBJECT:
        if (++depth > DEEPEST) return `nests deeper than ${DEEPEST} levels`;
        if (++opened > MOST) return `holds more than ${MOST} lists and objects`;
        break;
      case CLOSE_LIST:
      case CLOSE_OBJECT:
        depth--;
    }
  }
  return undefined;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Index of the quote that ends the string which begins at `quote`; the length of the text when none does. */
function endOfString(text: string, quote: number): number {
  let at = quote + 1;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at;
}
