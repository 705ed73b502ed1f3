import type { Event } from "../model.ts";
import { parseTags, parseTimestamp, unescapeNewlines } from "./fields.ts";

const PRIORITIES = ["normal", "low"] as const;
const ALERT_TYPES = ["error", "warning", "info", "success"] as const;

const HEADER = /^_e\{(\d+),(\d+)\}:/;
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Parses a line such as `_e{5,4}:title|text|p:low|t:warning|#tag`, where the numbers are the lengths of title and text in bytes as
 * written; undefined when they do not match. hot-shots (17.1.1) writes lengths in UTF-16 units instead, which are tried when those in
 * bytes do not end at a pipe: `_e{7,1}:Title é|x`. Leaves out invalid fields.
 */
export function parseEvent(line: string): Event | undefined {
  const [header, title, text] = HEADER.exec(line) ?? [];
  if (header === undefined) return undefined;
  const body = line.slice(header.length);
  const parts = cutBytes(body, Number(title), Number(text)) ?? cutUnits(body, Number(title), Number(text));
  if (parts === undefined) return undefined;
  const event: Event = {
    title: unescapeNewlines(parts.title),
    text: unescapeNewlines(parts.text),
    tags: [],
  };
  // Anything before the next pipe belongs to a text that is longer than announced.
  for (const field of parts.rest.split("|").slice(1)) readField(event, field);
  return event;
}

type Parts = { title: string; text: string; rest: string };

function cutBytes(body: string, titleBytes: number, textBytes: number): Parts | undefined {
  const bytes = encoder.encode(body);
  const textEnd = titleBytes + 1 + textBytes;
  if (titleBytes === 0 || textEnd > bytes.length || bytes[titleBytes] !== 0x7c) return undefined;
  const text = (start: number, end?: number) => decoder.decode(bytes.subarray(start, end));
  return { title: text(0, titleBytes), text: text(titleBytes + 1, textEnd), rest: text(textEnd) };
}

function cutUnits(body: string, title: number, text: number): Parts | undefined {
  const textEnd = title + 1 + text;
  if (title === 0 || textEnd > body.length || body[title] !== "|") return undefined;
  return { title: body.slice(0, title), text: body.slice(title + 1, textEnd), rest: body.slice(textEnd) };
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
