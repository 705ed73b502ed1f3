import type { LogLine } from "../log-line.ts";
import { statusOfSeverity } from "./status.ts";

/** `<PRI>` at the beginning: 8 × facility + severity, https://www.rfc-editor.org/rfc/rfc5424#section-6.2.1 */
const PRI = /^<(\d{1,3})>/;

/**
 * Parses a message of syslog, RFC 5424 or RFC 3164, into the log without its header; undefined when it is neither.
 * `<165>1 2026-10-11T22:14:15.003Z pi sshd 812 ID47 [ex@32473 a="b"] Failed password` and
 * `<34>Oct 11 22:14:15 pi su[230]: 'su root' failed` have the service sshd and su. `now` (Unix seconds) dates what has no time,
 * and gives the year.
 */
export function parseSyslog(text: string, now: number): LogLine | undefined {
  const [head, number] = PRI.exec(text) ?? [];
  if (head === undefined || Number(number) > 191) return undefined;
  const status = statusOfSeverity(Number(number) % 8);
  const rest = text.slice(head.length);
  const parsed = rest.startsWith("1 ") ? parse5424(rest.slice(2), now) : undefined;
  return { ...(parsed ?? parse3164(rest, now)), status };
}

type Parsed = Omit<LogLine, "status">;

const FIELDS = /^(\S{1,64}) (\S{1,255}) (\S{1,48}) (\S{1,128}) (\S{1,32}) ?/;

function parse5424(text: string, now: number): Parsed | undefined {
  const fields = FIELDS.exec(text);
  if (fields === null) return undefined;
  const [head, time = "-", host = "-", app = "-", pid = "-"] = fields;
  const behind = text.slice(head.length);
  const data = structuredData(behind);
  if (data === undefined) return undefined;
  const at = time === "-" ? Number.NaN : Date.parse(time) / 1000;
  return {
    message: behind.slice(data).replace(/^ ?\uFEFF?/, ""),
    json: false,
    at: Number.isFinite(at) ? at : now,
    host: given(host),
    service: given(app),
    pid: given(pid),
  };
}

const given = (field: string) => (field === "-" ? undefined : field);

/** Characters of the structured data at the beginning, `-` or `[id name="value"]…`, where `\"`, `\\` and `\]` are escaped. */
function structuredData(text: string): number | undefined {
  if (text.startsWith("-")) return 1;
  let end = 0;
  while (text[end] === "[") {
    let quoted = false;
    let i = end + 1;
    for (; i < text.length && (quoted || text[i] !== "]"); i++) {
      if (quoted && text[i] === "\\") i++;
      else if (text[i] === '"') quoted = !quoted;
    }
    if (i >= text.length) return undefined;
    end = i + 1;
  }
  return end === 0 ? undefined : end;
}

function parse3164(text: string, now: number): Parsed {
  return parseHeader(text, now) ?? { json: false, at: now, ...parseTag(text) };
}

const TIME_3164 = /^([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d) /;
const TIME_ISO = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)) /;
const HOST = /^(\S{1,255}) /;
const TAG = /^([\w./@()-]{1,64})(?:\[([\w.-]{1,32})\])?: ?/;

/**
 * Parses what rsyslogd writes into files and sends without a priority: `Oct 11 22:14:15 pi su[230]: 'su root' failed`, and with
 * the ISO time of Debian 12 `2026-10-11T22:14:15.003015+02:00 pi su[230]: …`; undefined when the line has no such header.
 */
export function parseHeader(text: string, now: number): Parsed | undefined {
  const iso = TIME_ISO.exec(text);
  const bsd = iso === null ? TIME_3164.exec(text) : null;
  const head = (iso ?? bsd)?.[0];
  if (head === undefined) return undefined;
  const at = iso === null ? bsdTime(bsd ?? [], now) : Date.parse(iso[1] ?? "") / 1000;
  const behind = text.slice(head.length);
  // `logger --rfc3164` sends a host, some devices do not: then the tag is first.
  const host = TAG.test(behind) ? undefined : HOST.exec(behind);
  const rest = behind.slice(host?.[0].length ?? 0);
  return { json: false, at: Number.isFinite(at) ? at : now, host: host?.[1], ...parseTag(rest) };
}

function parseTag(text: string): Pick<LogLine, "message" | "service" | "pid"> {
  const tag = TAG.exec(text);
  return tag === null
    ? { message: text }
    : { message: text.slice(tag[0].length), service: tag[1], pid: tag[2] };
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** In local time, without a year: the one in which it is nearest to now. */
function bsdTime([, month = "", day, hour, minute, second]: readonly string[], now: number): number {
  const year = new Date(now * 1000).getFullYear();
  const inYear = (y: number) =>
    new Date(y, MONTHS.indexOf(month), Number(day), Number(hour), Number(minute), Number(second)).getTime() /
    1000;
  const times = [year - 1, year, year + 1].map(inYear);
  return times.reduce((best, time) => (Math.abs(time - now) < Math.abs(best - now) ? time : best));
}
