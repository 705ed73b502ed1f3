import { metricName, tagList } from "../datadog/normalize.ts";
import { parseLenientJson } from "../lenient-json.ts";
import type { RawMetric } from "../model.ts";

/**
 * What an application wrote, e.g. `{"metric": "my.count", "type": "count", "value": 1, "timestamp": 1591541270.99,
 * "tags": {"zone": "a"}}`, with name and tags normalized and the global tags among its own (they decide what is one series).
 * Undefined when it is not a metric: no JSON, unknown type, a value that is no finite number, no name.
 */
export function parseRawMetric(body: string, globalTags: readonly string[]): RawMetric | undefined {
  const record = parseLenientJson(body);
  if (typeof record !== "object" || record === null) return undefined;
  const { metric: name, type, value, timestamp, tags } = record as Record<string, unknown>;
  const metric = typeof name === "string" ? metricName(name) : undefined;
  if (metric === undefined || !isFiniteNumber(timestamp)) return undefined;
  const common = { metric, timestamp, tags: tagList(tagTexts(tags), globalTags) };
  switch (type) {
    case "count":
    case "gauge":
    case "rate":
    case "histogram":
      return isFiniteNumber(value) ? { ...common, type, value } : undefined;
    case "set":
      return Array.isArray(value) ? { ...common, type, value: value.map(elementText) } : undefined;
    default:
      return undefined;
  }
}

function isFiniteNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

/** `{"zone": "a", "ok": true}` to `["zone:a", "ok:True"]`; a list is taken as it is. */
function tagTexts(tags: unknown): string[] {
  if (typeof tags !== "object" || tags === null) return [];
  if (Array.isArray(tags)) return tags.map(elementText);
  return Object.entries(tags).map(([key, value]) => `${key}:${elementText(value)}`);
}

/** As Python's str() prints it, since that is what the dashboards of the Python agent know: True, None. */
function elementText(value: unknown): string {
  if (typeof value === "string") return value;
  if (value === true) return "True";
  if (value === false) return "False";
  if (value === null || value === undefined) return "None";
  return typeof value === "number" ? String(value) : JSON.stringify(value);
}
