import { isLosslessNumber } from "lossless-json";
import { losslessText, parseLosslessJson } from "./lossless-json.ts";
import { pythonNumber } from "./python-number.ts";

type Fields = { tags?: unknown; value?: unknown };

/**
 * Returns the tags of a raw metric and the elements of a set, with numbers as texts where JavaScript prints them otherwise than Python:
 * `{"serial": 10000000000000001, "firmware": 2.0}` becomes `{"serial": "10000000000000001", "firmware": "2.0"}`. Most records have
 * no such number, and are not parsed a second time.
 */
export function withNumberTexts(fields: Fields, body: string): Fields {
  const { tags, value } = fields;
  const inTags = hasMoreThanTexts(tags) && NUMBER.test(body.slice(Math.max(0, body.indexOf('"tags"'))));
  const inSet = Array.isArray(value) && ELEMENT.test(body);
  if (!inTags && !inSet) return fields;
  const exact = parseLosslessJson(body);
  if (!isObject(exact)) return fields;
  return { tags: withTexts(exact.tags), value: inSet ? withTexts(exact.value) : value };
}

/** A number with a fraction, an exponent or 16 digits, or a text that looks like one. An element of a list follows no colon. */
const NUMBER = /[[,:]\s*-?\d+(?:[.eE]|\d{15})/;
const ELEMENT = /[[,]\s*-?\d+(?:[.eE]|\d{15})/;

/** Most tags are texts: to see that takes less time than to search the record for numbers. */
function hasMoreThanTexts(tags: unknown): boolean {
  if (!isObject(tags)) return false;
  for (const name in tags) if (typeof tags[name] !== "string") return true;
  return false;
}

function withTexts(values: unknown): unknown {
  if (Array.isArray(values)) return values.map(toText);
  if (!isObject(values)) return values;
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, toText(value)]));
}

function toText(value: unknown): unknown {
  if (isLosslessNumber(value)) return pythonNumber(value.value);
  return isObject(value) ? losslessText(value) : value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
