import { isLosslessNumber } from "lossless-json";
import type { Log } from "../records/log.ts";
import { losslessText } from "../records/lossless-json.ts";
import { tagList } from "../records/normalize.ts";
import { MAX_LOG_BYTES } from "./payload.ts";

export type LogOptions = {
  /** Host of logs that name none; empty: none is named. */
  host: string;
  globalTags: readonly string[];
};

/**
 * Returns the JSON text of a log as /api/v2/logs and /v1/input take it in an array (https://docs.datadoghq.com/api/latest/logs/send-logs/).
 * Keys keep their place and values stay as they are, `date` as well, which the intake takes for the time of the log; but
 * `ddtags` becomes one text with the global tags, and `hostname` and `status` are added where there are none. Throws when the log
 * is over a megabyte and not because of its message.
 */
export function encodeLog(log: Log, { host, globalTags }: LogOptions): string {
  const ddtags = tagList(ownTags(log.ddtags), globalTags).join(",");
  // Spread defines properties, so that a key named __proto__ stays data; an assignment would set the prototype.
  return fitted({
    ...log,
    ddtags: ddtags === "" ? undefined : ddtags,
    hostname: isText(log.hostname) || host === "" ? log.hostname : host,
    status: log.status ?? (isText(log.level) ? log.level.toLowerCase() : undefined),
  });
}

/** A list as the Python client writes it, or one text as the intake takes it. */
function ownTags(ddtags: unknown): string[] {
  if (typeof ddtags === "string") return ddtags.split(",").map((text) => text.trim());
  return Array.isArray(ddtags)
    ? ddtags.filter((tag) => isLosslessNumber(tag) || (tag !== null && typeof tag !== "object")).map(String)
    : [];
}

/** The log's JSON text, its message cut where it is too long for the intake. */
function fitted(log: Log): string {
  const text = losslessText(log);
  // UTF-8 takes at most three bytes per UTF-16 unit, so that most logs need not be counted.
  if (text.length * 3 <= MAX_LOG_BYTES || jsonBytes(text) <= MAX_LOG_BYTES) return text;
  // `"message": "text"`, or `"message": {"msg": "text"}` as the Python client's log handler writes it.
  const { message } = log;
  const cut = isText(message)
    ? cutToFit(message, (kept) => ({ ...log, message: kept }))
    : isRecord(message) && isText(message.msg)
      ? cutToFit(message.msg, (kept) => ({ ...log, message: { ...message, msg: kept } }))
      : undefined;
  if (cut === undefined) throw new RangeError(`the log is ${jsonBytes(text)} bytes without a message to cut`);
  return cut;
}

const CUT = "… [cut: too long for the intake]";

/** The longest beginning of `message` with which the log fits; undefined when it does not even without. */
function cutToFit(message: string, withMessage: (kept: string) => Log): string | undefined {
  const room = MAX_LOG_BYTES - jsonBytes(losslessText(withMessage(CUT)));
  if (room < 0) return undefined;
  // A character takes a byte or more: what is behind `room` need not be looked at. Half a surrogate pair is written \ud83d and
  // takes more than the whole, so that the longest beginning never ends in one. The quotes of the JSON text are counted twice.
  let fits = 0;
  let tooLong = Math.min(message.length, room) + 1;
  while (tooLong - fits > 1) {
    const middle = Math.floor((fits + tooLong) / 2);
    if (jsonBytes(JSON.stringify(message.slice(0, middle))) - 2 <= room) fits = middle;
    else tooLong = middle;
  }
  return losslessText(withMessage(message.slice(0, fits) + CUT));
}

const encoder = new TextEncoder();

function jsonBytes(text: string): number {
  return encoder.encode(text).length;
}

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
