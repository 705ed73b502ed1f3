/**
 * Names and tags as Datadog stores them, so that what waits in a queue has the identity that it gets there. What
 * normalizes leaves unchanged what it made, and for what is right already costs one regular expression: it runs for every raw
 * metric.
 */

/**
 * The name as Datadog keeps it: ASCII letters, digits, `_` and `.`, the first a letter, at most 200 characters
 * (https://docs.datadoghq.com/metrics/custom_metrics/#naming-custom-metrics). Undefined when nothing is left.
 */
export function metricName(raw: string): string | undefined {
  if (GOOD_NAME.test(raw)) return raw;
  const name = raw
    .replace(/^[^A-Za-z]+/, "")
    .replace(/[^A-Za-z0-9_.]/gu, "_")
    .slice(0, LONGEST_NAME);
  return name === "" ? undefined : name;
}

/** A name that metricName gave with a suffix, e.g. `.max`. A long name is cut, never the suffix, which tells it from others. */
export function suffixedName(name: string, suffix: string): string {
  return name.slice(0, LONGEST_NAME - suffix.length) + suffix;
}

/**
 * The tag as Datadog keeps it: letters and digits of any script and `_ - : . /`, the first a letter, no colon at the end
 * (https://docs.datadoghq.com/getting_started/tagging/#define-tags). Undefined when nothing is left.
 * The documentation says 200 characters, Datadog's model of its intake cuts at 200 bytes: cut at 200 bytes, between two
 * characters. Case stays: the intake lowers it where the account wants that, and does so for every sender alike.
 */
export function tag(raw: string): string | undefined {
  if (GOOD_TAG.test(raw)) return raw;
  const text = raw.replace(/^\P{L}+/u, "").replace(/[^\p{L}\p{Nd}_\-:./]/gu, "_");
  const kept = cutToBytes(text, 200).replace(/:+$/, "");
  return kept === "" ? undefined : kept;
}

/** All tags of the lists, normalized, sorted by code unit, without duplicates and without those of which nothing is left. */
export function tagList(...lists: readonly (readonly string[])[]): string[] {
  const tags = new Set<string>();
  for (const list of lists) {
    for (const raw of list) {
      const kept = tag(raw);
      if (kept !== undefined) tags.add(kept);
    }
  }
  return [...tags].sort();
}

/** Returns the first `longest` characters (UTF-16 units) of a text, without half of a surrogate pair at the end. */
export function cutText(text: string, longest: number): string {
  return text.length <= longest ? text : text.slice(0, longest).replace(/[\uD800-\uDBFF]$/, "");
}

const LONGEST_NAME = 200;

const GOOD_NAME = /^[A-Za-z][A-Za-z0-9_.]{0,199}$/;

/** Most tags: ASCII, no longer than allowed, and not ending in a colon. */
const GOOD_TAG = /^[A-Za-z](?:[A-Za-z0-9_\-:./]{0,198}[A-Za-z0-9_\-./])?$/;

/** The longest beginning of `text` that takes at most `limit` bytes as UTF-8 and ends between two characters. */
function cutToBytes(text: string, limit: number): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(limit));
  return text.slice(0, read);
}
