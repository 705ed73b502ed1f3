import { metricName, tagList } from "./normalize.ts";

/** The identity of a series: name and tags as the intake keeps them, including the global tags. */
export type Series = {
  metric: string;
  /** Sorted, without duplicates. */
  tags: readonly string[];
  /** Equal for one series and for no other, see `seriesId`. */
  id: string;
};

/** Reads the name and the tags of a record; undefined when the name has no letter from A to Z. */
export type ReadSeries = (name: string, tags: unknown) => Series | undefined;

/** Returns a text that is equal for points of one series and for no others, normalized or not. */
export function seriesId(metric: string, tags: readonly string[]): string {
  return tagsText(tags) + metric;
}

/** Called with a series that has more tags than the intake accepts, and their number. */
export type OnManyTags = (metric: string, tags: number) => void;

/** Tags of one series that the intake takes: "MaxTags(orgID)" of Datadog's model of it, 100 unless the account has another number. */
const MOST_TAGS = 100;

/** Series that are remembered: applications write the same few again and again. Together they take a few MB. */
const REMEMBERED = 5000;

/** Characters of a name or of a tag set as JSON that are remembered: a long one is seldom met again. */
const LONGEST = 500;

/**
 * Gives the reader of series: name and tags are normalized and merged with the global tags once, and equal ones are mostly
 * one and the same object. Tags are an object, `{"zone": "a", "ok": true}` is `["ok:True", "zone:a"]`, or a list; anything
 * else means no tags. Of more than 100 tags the global ones are kept and the first of the others.
 */
export function seriesReader(globalTags: readonly string[], onManyTags: OnManyTags = () => {}): ReadSeries {
  const shared = tagList(globalTags);
  const remembered = new Map<string, { tags: readonly string[]; series: Map<string, Series> }>();
  let count = 0;

  return (name, tags) => {
    const key = tagsKey(tags);
    let known = remembered.get(key);
    const found = known?.series.get(name);
    if (found !== undefined) return found;
    const metric = metricName(name);
    if (metric === undefined) return undefined;
    if (known === undefined) {
      const all = tagList(tagTexts(tags), shared);
      if (all.length > MOST_TAGS) onManyTags(metric, all.length);
      known = { tags: all.length > MOST_TAGS ? fewerTags(all, shared) : all, series: new Map() };
    }
    const series = { metric, tags: known.tags, id: seriesId(metric, known.tags) };
    if (key.length > LONGEST || name.length > LONGEST) return series;
    if (count >= REMEMBERED) {
      remembered.clear();
      count = 0;
    }
    known.series.set(name, series);
    remembered.set(key, known);
    count++;
    return series;
  };
}

function fewerTags(all: readonly string[], shared: readonly string[]): string[] {
  return [...new Set([...shared, ...all])].slice(0, MOST_TAGS).sort();
}

/**
 * Returns a value as Python's str() prints it, since that is what the dashboards of the Python agent know: True, None. A
 * number too large to be one, `1e999`, is null as JSON.stringify has it, because values that are equal in JSON must be equal here (see
 * tagsKey).
 */
export function elementText(value: unknown): string {
  if (typeof value === "string") return value;
  if (value === true) return "True";
  if (value === false) return "False";
  const text = JSON.stringify(value);
  return text === "null" ? "None" : text;
}

/** A text that is equal only for tags of equal `tagTexts`, in less time than those take: every record needs it. */
function tagsKey(tags: unknown): string {
  return typeof tags === "object" && tags !== null ? JSON.stringify(tags) : "";
}

function tagTexts(tags: unknown): string[] {
  if (typeof tags !== "object" || tags === null) return [];
  if (Array.isArray(tags)) return tags.map(elementText);
  const record = tags as Record<string, unknown>;
  return Object.keys(record).map((key) => `${key}:${elementText(record[key])}`);
}

/** The tag list as JSON, which tells where it ends. Most lists are met again and again as the same list. */
function tagsText(tags: readonly string[]): string {
  let text = texts.get(tags);
  if (text === undefined) {
    text = JSON.stringify(tags);
    texts.set(tags, text);
  }
  return text;
}

const texts = new WeakMap<readonly string[], string>();
