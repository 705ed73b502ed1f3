import type { Event, ServiceCheck } from "../model.ts";
import { parseEvent } from "./event.ts";
import { parseMetric, type Sample } from "./metric.ts";
import { parseServiceCheck } from "./service-check.ts";

export type Datagram = {
  metrics: Sample[];
  events: Event[];
  checks: ServiceCheck[];
  /** Number of malformed lines, and of packed values that are not numbers that can be sent. */
  malformed: number;
};

/**
 * Parses a DogStatsD datagram line by line, as the Datadog Agent does (comp/dogstatsd/server/impl/parse*.go of
 * DataDog/datadog-agent). Never throws: a malformed line is counted and skipped. Names and tags are as received, not normalized.
 */
export function parseDatagram(datagram: Uint8Array | string): Datagram {
  const found: Datagram = { metrics: [], events: [], checks: [], malformed: 0 };
  for (const line of linesOf(datagram))
    if (line !== "") found.malformed += line === undefined ? 1 : parseLine(line, found);
  return found;
}

/** Returns the number of values left out. */
function parseLine(line: string, into: Datagram): number {
  if (line.startsWith("_e{")) return keep(parseEvent(line), into.events);
  if (line.startsWith("_sc")) return keep(parseServiceCheck(line), into.checks);
  const sample = parseMetric(line);
  return keep(sample, into.metrics) + (sample?.lost ?? 0);
}

/** Appends the parsed item; returns the number of malformed ones, 0 or 1. */
function keep<T>(item: T | undefined, list: T[]): number {
  if (item === undefined) return 1;
  list.push(item);
  return 0;
}

/** Splits a datagram into lines without `\n` or `\r\n`; undefined for a line that is not UTF-8. */
export function linesOf(datagram: Uint8Array | string): (string | undefined)[] {
  const list = typeof datagram === "string" ? datagram.split("\n") : splitBytes(datagram).map(decode);
  return list.map((line) => (line?.endsWith("\r") ? line.slice(0, -1) : line));
}

function splitBytes(bytes: Uint8Array): Uint8Array[] {
  const list: Uint8Array[] = [];
  let start = 0;
  for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, start)) {
    list.push(bytes.subarray(start, end));
    start = end + 1;
  }
  list.push(bytes.subarray(start));
  return list;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decode(line: Uint8Array): string | undefined {
  try {
    return utf8.decode(line);
  } catch {
    return undefined;
  }
}
