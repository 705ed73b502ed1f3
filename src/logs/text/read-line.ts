import type { LogLine } from "../log-line.ts";
import { type Status, statusInText, statusOfSeverity, statusOfWord } from "./status.ts";
import { parseHeader, parseSyslog } from "./syslog.ts";

/**
 * Reads one line of a file or a socket: a JSON object, a message of syslog with or without its priority, or plain text, in which a
 * level is looked for. `now` (Unix seconds) dates what has no time.
 */
export function readLine(text: string, now: number): LogLine {
  if (text.startsWith("{")) {
    const object = readObject(text, now);
    if (object !== undefined) return object;
  }
  const line = (text.startsWith("<") ? parseSyslog(text, now) : parseHeader(text, now)) ?? plain(text, now);
  line.status ??= statusInText(line.message);
  return line;
}

function plain(message: string, at: number): LogLine {
  return { message, json: false, at, status: undefined, service: undefined, pid: undefined, host: undefined };
}

/** The fields in which libraries write their level, e.g. pino 30, bunyan 30, zap "info", Python's "levelname": "INFO". */
const LEVELS = ["status", "level", "severity", "levelname", "log.level"];
const TIMES = ["timestamp", "date", "_timestamp", "Timestamp", "eventTime", "published_date", "time", "ts"];

function readObject(text: string, now: number): LogLine | undefined {
  let object: Readonly<Record<string, unknown>>;
  try {
    object = JSON.parse(text);
  } catch {
    return undefined;
  }
  const status = LEVELS.map((name) => statusOf(object[name])).find((value) => value !== undefined);
  const time = TIMES.map((name) => timeOf(object[name], now)).find((value) => value !== undefined);
  const service = typeof object.service === "string" ? object.service : undefined;
  return { message: text, json: true, at: time ?? now, status, service };
}

function statusOf(level: unknown): Status | undefined {
  if (typeof level === "string") return statusOfWord(level);
  if (typeof level !== "number") return undefined;
  // pino and bunyan count upwards from 10 (trace) to 60 (fatal), syslog downwards from 7.
  return level < 10
    ? statusOfSeverity(level)
    : statusOfWord(["trace", "debug", "info", "warn", "error", "fatal"][Math.floor(level / 10) - 1] ?? "");
}

/** Seconds by which a time may differ from now to be believed for the place in the queue: a month. */
const FAR = 31 * 86_400;

function timeOf(value: unknown, now: number): number | undefined {
  const seconds =
    typeof value === "string"
      ? Date.parse(value) / 1000
      : typeof value === "number"
        ? value > 1e11
          ? value / 1000
          : value
        : Number.NaN;
  return Math.abs(seconds - now) < FAR ? seconds : undefined;
}
