/** The text of a tag list, which holds no comma once it is normalized. Most lists are met again and again as the same list. */
export function tagsText(tags: readonly string[]): string {
  let text = texts.get(tags);
  if (text === undefined) {
    text = tags.join(",");
    texts.set(tags, text);
  }
  return text;
}

/** A text that is equal for points of one series and for no others. */
export function seriesText(metric: string, tags: readonly string[]): string {
  return `${metric}|${tagsText(tags)}`;
}

const texts = new WeakMap<readonly string[], string>();
