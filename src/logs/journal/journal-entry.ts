import type { LogLine } from "../log-line.ts";
import { statusOfSeverity } from "../text/status.ts";

/** An entry of the journal: where it is, which units it belongs to, and its log unless it has no message. */
export type JournalEntry = {
  cursor: string;
  /** Microseconds of Unix time. */
  time: number;
  units: readonly string[];
  line: LogLine | undefined;
};

/** Fields that are asked for; `__CURSOR` and `__REALTIME_TIMESTAMP` always come. */
export const FIELDS = [
  "MESSAGE",
  "PRIORITY",
  "_SYSTEMD_UNIT",
  "_SYSTEMD_USER_UNIT",
  "UNIT",
  "USER_UNIT",
  "SYSLOG_IDENTIFIER",
  "_PID",
  "CONTAINER_NAME",
] as const;

/**
 * Parses a line of `journalctl -o json --all`, e.g.
 * `{"__CURSOR":"s=…","__REALTIME_TIMESTAMP":"1700000000123456","PRIORITY":"6","_SYSTEMD_UNIT":"ssh.service","MESSAGE":"…"}`. A value
 * that is not text comes as an array of bytes, a repeated field as an array of texts. Undefined when it is not an entry.
 */
export function parseJournalEntry(text: string): JournalEntry | undefined {
  let fields: unknown;
  try {
    fields = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof fields !== "object" || fields === null) return undefined;
  const field = (name: string) => textOf((fields as Readonly<Record<string, unknown>>)[name]);
  const cursor = field("__CURSOR");
  const time = Number(field("__REALTIME_TIMESTAMP"));
  if (cursor === undefined || !Number.isFinite(time)) return undefined;
  const unit = field("UNIT") ?? field("USER_UNIT") ?? field("_SYSTEMD_USER_UNIT") ?? field("_SYSTEMD_UNIT");
  const units = [unit, field("_SYSTEMD_USER_UNIT"), field("_SYSTEMD_UNIT")].filter((it) => it !== undefined);
  const message = field("MESSAGE");
  const container = field("CONTAINER_NAME");
  const priority = field("PRIORITY");
  const line: LogLine | undefined =
    message === undefined || message === ""
      ? undefined
      : {
          message,
          json: false,
          at: time / 1e6,
          status: priority === undefined ? undefined : statusOfSeverity(Number(priority)),
          service: container ?? serviceOf(unit) ?? field("SYSLOG_IDENTIFIER") ?? unit,
          pid: field("_PID"),
          tags: container === undefined ? undefined : [`container:${container}`],
        };
  return { cursor, time, units, line };
}

/** The name of a service without its type; a session or a scope says less than the program's own name. */
function serviceOf(unit: string | undefined): string | undefined {
  return unit?.endsWith(".service") ? unit.slice(0, -".service".length) : undefined;
}

function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (!Array.isArray(value)) return undefined;
  if (value.every((it) => typeof it === "number"))
    return Buffer.from(value).toString("utf8").replaceAll("\0", "");
  return value.map((it) => textOf(it) ?? "").join("\n");
}
