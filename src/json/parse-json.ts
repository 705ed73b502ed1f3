import { overJsonLimits } from "./json-limits.ts";

/** Parses a JSON text of another program; undefined when it is not JSON, or over the limits that `overJsonLimits` names. */
export function parseJson(text: string): unknown {
  if (overJsonLimits(text) !== undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
