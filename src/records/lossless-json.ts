import { LosslessNumber, parse, stringify } from "lossless-json";
import { overJsonLimits } from "../json/json-limits.ts";
import { leniently } from "./lenient-json.ts";

/**
 * Parses as `parseLenientJson` does, but every number is a LosslessNumber, which keeps its digits: a double has only 53 bits of
 * `{"dd.trace_id": 9223372036854775807}`. Takes ten times as long.
 */
export function parseLosslessJson(text: string): unknown {
  return leniently(text, parseLossless);
}

/** Writes what JSON.stringify writes, and each LosslessNumber with the digits it came in with. */
export function losslessText(value: unknown): string {
  const text = JSON.stringify(value);
  return text.includes(MARK) ? (stringify(value) ?? text) : text;
}

/** The mark of a LosslessNumber in the output of JSON.stringify. A record with this text of its own goes through the slower `stringify`. */
const MARK = '"isLosslessNumber":true';

function parseLossless(text: string): unknown {
  if (overJsonLimits(text) !== undefined) return undefined;
  try {
    return parse(text, undefined, { parseNumber, onDuplicateKey: ({ newValue }) => newValue });
  } catch {
    return undefined;
  }
}

/** A number too large to be one, `1e999`, is Infinity as JSON.parse has it, and JSON.stringify writes that as null. */
function parseNumber(text: string): LosslessNumber | number {
  const value = Number(text);
  return Number.isFinite(value) ? new LosslessNumber(text) : value;
}
