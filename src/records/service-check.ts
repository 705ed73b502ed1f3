import type { ServiceCheck } from "../model.ts";
import type { NewRecord } from "../storage/storage.ts";
import { parseLenientJson } from "./lenient-json.ts";
import { tagList } from "./normalize.ts";
import { optionalText, readSecond, readTagTexts } from "./read-field.ts";

/** Characters of a message: as many as an event's text may have. */
const LONGEST_MESSAGE = 4000;

/**
 * Builds the record of a service check for `chouette:checks:wrapped`, which waits at the time of the check, or at `now` (Unix
 * seconds) when it has none or that is to come.
 */
export function serviceCheckRecord(check: ServiceCheck, now: number, key: string): NewRecord {
  const at = Math.min(check.timestamp ?? now, now);
  return { key, at, body: JSON.stringify({ ...check, timestamp: check.timestamp ?? Math.floor(now) }) };
}

/** Reads a record of `chouette:checks:wrapped` that waits at `at` (Unix seconds); undefined when it is not a service check. */
export type ParseServiceCheck = (body: string, at: number) => ServiceCheck | undefined;

/**
 * The parser of service checks, e.g. `{"name": "db.up", "status": 2, "timestamp": 1591541270, "message": "no route", "tags": ["db:main"]}`.
 * Tags are normalized and include the global ones; a message is cut.
 */
export function serviceCheckParser(globalTags: readonly string[]): ParseServiceCheck {
  return (body, at) => {
    const fields = parseLenientJson(body);
    if (typeof fields !== "object" || fields === null || Array.isArray(fields)) return undefined;
    const { name, status, timestamp, host, message, tags } = fields as Record<string, unknown>;
    if (typeof name !== "string" || name === "" || !isStatus(status)) return undefined;
    return {
      name,
      status,
      timestamp: readSecond(timestamp) ?? Math.floor(at),
      ...optionalText("host", host),
      ...optionalText("message", message, LONGEST_MESSAGE),
      tags: tagList(readTagTexts(tags), globalTags),
    };
  };
}

function isStatus(status: unknown): status is ServiceCheck["status"] {
  return status === 0 || status === 1 || status === 2 || status === 3;
}
