import type { Event } from "../model.ts";
import type { NewRecord } from "../storage/storage.ts";
import { parseLenientJson } from "./lenient-json.ts";
import { cutText, tagList } from "./normalize.ts";
import { optionalText, readSecond, readTagTexts } from "./read-field.ts";

/** "text: … The maximum length is 4000 characters", "aggregation_key: … Limited to 100 characters" (…/latest/events/). */
const LONGEST_TEXT = 4000;
const LONGEST_KEY = 100;

/**
 * Builds the record of an event for `chouette:events:wrapped`, which waits at the time of the event, or at `now` (Unix seconds) when
 * it has none or that is to come.
 */
export function eventRecord(event: Event, now: number, key: string): NewRecord {
  const at = Math.min(event.timestamp ?? now, now);
  return { key, at, body: JSON.stringify({ ...event, timestamp: event.timestamp ?? Math.floor(now) }) };
}

/** Reads a record of `chouette:events:wrapped` that waits at `at` (Unix seconds); undefined when it is not an event. */
export type ParseEvent = (body: string, at: number) => Event | undefined;

/**
 * The parser of events, e.g. `{"title": "deployed", "text": "1.2.3", "timestamp": 1591541270, "alertType": "success", "tags": ["env:prod"]}`.
 * Tags are normalized and include the global ones; what the intake takes only up to a length is cut there; a field with another
 * value than the intake knows is left out. A list of tags is needed as little as an object of them.
 */
export function eventParser(globalTags: readonly string[]): ParseEvent {
  return (body, at) => {
    const fields = parseLenientJson(body);
    if (typeof fields !== "object" || fields === null || Array.isArray(fields)) return undefined;
    const { title, text, timestamp, host, priority, alertType, aggregationKey, sourceType, tags } =
      fields as Record<string, unknown>;
    if (typeof title !== "string" || title === "") return undefined;
    return {
      title,
      text: typeof text === "string" ? cutText(text, LONGEST_TEXT) : "",
      timestamp: readSecond(timestamp) ?? Math.floor(at),
      ...optionalText("host", host),
      ...((priority === "normal" || priority === "low") && { priority }),
      ...(isAlertType(alertType) && { alertType }),
      ...optionalText("aggregationKey", aggregationKey, LONGEST_KEY),
      ...optionalText("sourceType", sourceType),
      tags: tagList(readTagTexts(tags), globalTags),
    };
  };
}

function isAlertType(type: unknown): type is NonNullable<Event["alertType"]> {
  return type === "error" || type === "warning" || type === "info" || type === "success";
}
