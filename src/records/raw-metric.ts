import { overJsonLimits } from "../json/json-limits.ts";
import type { RawMetric } from "../model.ts";
import { parseLenientJson } from "./lenient-json.ts";
import { metricName, tagList } from "./normalize.ts";

/** Reads what an application wrote; in words why it is no metric when it is none. */
export type ParseRawMetric = (body: string) => RawMetric | string;

/** Tag sets that are remembered: applications use the same few again and again. Together they take a few MB. */
const REMEMBERED = 2000;

/** Characters of a tag set that is remembered, as JSON: a long one is seldom met again. */
const LONGEST = 500;

/**
 * The parser of raw metrics, e.g. `{"metric": "my.count", "type": "count", "value": 1, "timestamp": 1591541270.99,
 * "tags": {"zone": "a"}}`. Name and tags come out normalized, the global tags among them (they decide with the others what
 * is one series); equal tags are mostly one and the same list.
 */
export function rawMetricParser(globalTags: readonly string[]): ParseRawMetric {
  const remembered = new Map<string, readonly string[]>();

  const tagsOf = (tags: unknown): readonly string[] => {
    const key = tagsKey(tags);
    const known = remembered.get(key);
    if (known) return known;
    const list = tagList(tagTexts(tags), globalTags);
    if (key.length > LONGEST) return list;
    if (remembered.size >= REMEMBERED) remembered.clear();
    remembered.set(key, list);
    return list;
  };

  return (body) => {
    const record = parseLenientJson(body);
    if (record === undefined) return `it ${overJsonLimits(body) ?? "is not JSON"}`;
    if (typeof record !== "object" || record === null || Array.isArray(record))
      return "it is not a JSON object";
    const { metric: name, type, value, timestamp, tags } = record as Record<string, unknown>;
    if (typeof name !== "string" || name === "") return "it has no name";
    const metric = metricName(name);
    if (metric === undefined) return `its name ${quoted(name)} has no letter from A to Z`;
    if (!isFiniteNumber(timestamp)) return "its timestamp is not a number";
    switch (type) {
      case "count":
      case "gauge":
      case "rate":
      case "histogram":
        if (!isFiniteNumber(value)) return "its value is not a finite number";
        return { metric, type, value, timestamp, tags: tagsOf(tags) };
      case "set":
        if (!Array.isArray(value)) return "its value is not a list, as that of a set is";
        return { metric, type, value: value.map(elementText), timestamp, tags: tagsOf(tags) };
      case undefined:
      case null:
        return "it has no type";
      default:
        return `its type ${quoted(type)} is unknown`;
    }
  };
}

/** The beginning of what was given, as JSON. */
function quoted(value: unknown): string {
  return JSON.stringify(value).slice(0, 100);
}

function isFiniteNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

/** A text that is equal only for tags of equal `tagTexts`, in less time than those take: every raw metric needs it. */
function tagsKey(tags: unknown): string {
  return typeof tags === "object" && tags !== null ? JSON.stringify(tags) : "";
}

/** `{"zone": "a", "ok": true}` to `["zone:a", "ok:True"]`; a list is taken as it is. */
function tagTexts(tags: unknown): string[] {
  if (typeof tags !== "object" || tags === null) return [];
  if (Array.isArray(tags)) return tags.map(elementText);
  const record = tags as Record<string, unknown>;
  return Object.keys(record).map((key) => `${key}:${elementText(record[key])}`);
}

/**
 * As Python's str() prints it, since that is what the dashboards of the Python agent know: True, None. A number too large to
 * be one, `1e999`, is null as JSON.stringify has it, for what is equal in JSON has to be equal here (see tagsKey).
 */
function elementText(value: unknown): string {
  if (typeof value === "string") return value;
  if (value === true) return "True";
  if (value === false) return "False";
  const text = JSON.stringify(value);
  return text === "null" ? "None" : text;
}
