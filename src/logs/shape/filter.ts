import type { LogLine, SourceOptions } from "../log-line.ts";
import { compilePattern } from "../text/pattern.ts";
import { severityOf } from "../text/status.ts";

/** True for a line that is to be sent. */
export type Filter = (line: LogLine) => boolean;

const LOWEST = severityOf("debug");

/** Creates the filter of a source: by level, then by patterns. */
export function createFilter({ level, include, exclude }: SourceOptions): Filter {
  const lowest = severityOf(level ?? "debug");
  const wanted = include.map(compilePattern);
  const unwanted = exclude.map(compilePattern);
  if (lowest === LOWEST && wanted.length + unwanted.length === 0) return () => true;
  return ({ message, status }) =>
    severityOf(status) <= lowest &&
    (wanted.length === 0 || wanted.some((pattern) => pattern.found(message))) &&
    !unwanted.some((pattern) => pattern.found(message));
}
