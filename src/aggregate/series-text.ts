/**
 * A text that is equal for points of one series and for no others: the name and its tags, which hold no comma once they are
 * normalized. Most tag lists are met again and again as the same list, so their text is made once.
 */
export function seriesText(metric: string, tags: readonly string[]): string {
  let text = texts.get(tags);
  if (text === undefined) {
    text = tags.join(",");
    texts.set(tags, text);
  }
  return `${metric}|${text}`;
}

const texts = new WeakMap<readonly string[], string>();
