import { isLosslessNumber } from "lossless-json";
import { parseLenientJson } from "./lenient-json.ts";
import { parseLosslessJson } from "./lossless-json.ts";
import { END_OF_TIME } from "./time.ts";

/** A log as an application wrote it; its keys are whatever the application says. Long numbers are LosslessNumbers. */
export type Log = Record<string, unknown>;

/**
 * Parses a record of `chouette:logs:wrapped`, e.g. `{"date": "…", "ddtags": ["a:b"], "level": "INFO", "dd.trace_id": 9223372036854775807, …}`;
 * undefined when it is not a JSON object.
 */
export function parseLog(body: string): Log | undefined {
  const log = LONG_NUMBER.test(body) ? parseLosslessJson(body) : parseLenientJson(body);
  return typeof log === "object" && log !== null && !Array.isArray(log) ? (log as Log) : undefined;
}

/**
 * Adds the time of its record (`at`, Unix seconds) to a log without a date, as a `timestamp` in milliseconds. The intake would take the
 * time at which the log arrives, which after an outage is hours later.
 */
export function withTime(log: Log, at: number): Log {
  const dated = DATES.some((name) => isDate(log[name]));
  return dated || at <= 0 || at >= END_OF_TIME ? log : { ...log, timestamp: Math.round(at * 1000) };
}

/** Sixteen digits, with or without a point among them: a double may not hold them all. */
const LONG_NUMBER = /\d(?:\.?\d){15}/;

/** Fields in which the intake finds the time of a log: https://docs.datadoghq.com/logs/log_configuration/processors/#log-date-remapper */
const DATES = ["timestamp", "date", "_timestamp", "Timestamp", "eventTime", "published_date"];

function isDate(value: unknown): boolean {
  return (typeof value === "string" && value !== "") || typeof value === "number" || isLosslessNumber(value);
}
