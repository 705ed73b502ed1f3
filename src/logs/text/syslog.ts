import type { LogLine } from "../log-line.ts";
import { isoTime } from "./iso-time.ts";
import { statusOfSeverity } from "./status.ts";
import { tagAt } from "./syslog-tag.ts";

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
  const rest = text.slice(head.length);
  const parsed = rest.startsWith("1 ") ? parse5424(rest.slice(2), now) : undefined;
  return { ...(parsed ?? parse3164(rest, now)), status: statusOfSeverity(Number(number) % 8) };
}

const FIELDS = /^(\S{1,64}) (\S{1,255}) (\S{1,48}) (\S{1,128}) (\S{1,32}) ?/;

function parse5424(text: string, now: number): LogLine | undefined {
  const fields = FIELDS.exec(text);
  if (fields === null) return undefined;
  const [head, time = "-", host = "-", app = "-", pid = "-"] = fields;
  const behind = text.slice(head.length);
  const data = structuredData(behind);
  if (data === undefined) return undefined;
  return {
    message: behind.slice(data).replace(/^ ?\uFEFF?/, ""),
    json: false,
    at: isoTime(time)?.at ?? now,
    status: undefined,
    service: given(app),
    pid: given(pid),
    host: given(host),
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

function parse3164(text: string, now: number): LogLine {
  return parseHeader(text, now) ?? withTag(text, 0, now, undefined);
}

/**
 * Parses what rsyslogd writes into files and sends without a priority: `Oct 11 22:14:15 pi su[230]: 'su root' failed`, and with
 * the ISO time of Debian 12 `2026-10-11T22:14:15.003015+02:00 pi su[230]: …`; undefined when the line has no such header.
 */
export function parseHeader(text: string, now: number): LogLine | undefined {
  const time = isoTime(text) ?? bsdTime(text, now);
  if (time === undefined || text.charCodeAt(time.end) !== SPACE) return undefined;
  const start = time.end + 1;
  // `logger --rfc3164` sends a host, some devices do not: then the tag is first.
  const host = tagAt(text, start) === undefined ? text.indexOf(" ", start) : -1;
  const hasHost = host > start && host - start <= MAX_HOST;
  const behind = hasHost ? host + 1 : start;
  return withTag(text, behind, time.at, hasHost ? text.slice(start, host) : undefined);
}

const SPACE = 32;
const MAX_HOST = 255;

/** The log that begins at `from` with a tag or without. */
function withTag(text: string, from: number, at: number, host: string | undefined): LogLine {
  const tag = tagAt(text, from);
  return {
    message: text.slice(tag?.end ?? from),
    json: false,
    at,
    status: undefined,
    service: tag?.service,
    pid: tag?.pid,
    host,
  };
}

const BSD = /^([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d)(?= )/;

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `Oct 11 22:14:15` in local time, without a year: the one in which it is nearest to now. */
function bsdTime(text: string, now: number): { at: number; end: number } | undefined {
  const [head, month = "", day, hour, minute, second] = BSD.exec(text) ?? [];
  if (head === undefined) return undefined;
  const year = new Date(now * 1000).getFullYear();
  const inYear = (y: number) =>
    new Date(y, MONTHS.indexOf(month), Number(day), Number(hour), Number(minute), Number(second)).getTime() /
    1000;
  const times = [year - 1, year, year + 1].map(inYear);
  const at = times.reduce((best, time) => (Math.abs(time - now) < Math.abs(best - now) ? time : best));
  return { at: Number.isFinite(at) ? at : now, end: head.length };
}
