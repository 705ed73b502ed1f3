import { parseTags, parseTimestamp, unescapeNewlines } from "./fields.ts";

const PRIORITIES = ["normal", "low"] as const;
const ALERT_TYPES = ["error", "warning", "info", "success"] as const;

/** An event as written; the sender adds the defaults (priority normal, alert type info, now, this host). */
export type Event = {
  title: string;
  text: string;
  /** Unix seconds. */
  timestamp?: number;
  host?: string;
  priority?: (typeof PRIORITIES)[number];
  alertType?: (typeof ALERT_TYPES)[number];
  aggregationKey?: string;
  sourceType?: string;
  tags: string[];
};

const HEADER = /^_e\{(\d+),(\d+)\}:/;
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Parses a line such as `_e{5,4}:title|text|p:low|t:warning|#tag`, where the numbers are the lengths of title and text in bytes as
 * written; undefined when they do not match. Leaves out invalid fields.
 */
export function parseEvent(line: string): Event | undefined {
  const [header, titleBytes, textBytes] = HEADER.exec(line) ?? [];
  if (header === undefined) return undefined;
  const body = encoder.encode(line.slice(header.length));
  const titleEnd = Number(titleBytes);
  const textEnd = titleEnd + 1 + Number(textBytes);
  if (titleEnd === 0 || textEnd > body.length || body[titleEnd] !== 0x7c) return undefined;

  const text = (start: number, end?: number) => decoder.decode(body.subarray(start, end));
  const event: Event = {
    title: unescapeNewlines(text(0, titleEnd)),
    text: unescapeNewlines(text(titleEnd + 1, textEnd)),
    tags: [],
  };
  // Anything before the next pipe belongs to a text that is longer than announced.
  for (const field of text(textEnd).split("|").slice(1)) readField(event, field);
  return event;
}

function readField(event: Event, field: string): void {
  if (field.startsWith("#")) event.tags = parseTags(field.slice(1));
  const value = field.slice(2);
  if (value === "") return;
  if (field.startsWith("d:")) {
    const timestamp = parseTimestamp(value);
    if (timestamp !== undefined) event.timestamp = timestamp;
  } else if (field.startsWith("h:")) event.host = value;
  else if (field.startsWith("k:")) event.aggregationKey = value;
  else if (field.startsWith("s:")) event.sourceType = value;
  else if (field.startsWith("p:")) {
    const priority = PRIORITIES.find((known) => known === value);
    if (priority !== undefined) event.priority = priority;
  } else if (field.startsWith("t:")) {
    const alertType = ALERT_TYPES.find((known) => known === value);
    if (alertType !== undefined) event.alertType = alertType;
  }
}
