import { pino } from "pino";
import { hideSecrets } from "../config/hide-secrets.ts";
import { type Clock, systemClock } from "../schedule/clock.ts";
import { printable, printableJson } from "../terminal/printable.ts";
import { journalLine } from "./journal-line.ts";

/** Fields logged with a message; the three names belong to the line itself. */
export type Fields = Readonly<Record<string, unknown>> & { level?: never; time?: never; msg?: never };

export type LogMethod = { (message: string): void; (fields: Fields, message: string): void };

/** The part of pino that the program uses. An Error goes into the field `err`. */
export type Logger = {
  debug: LogMethod;
  info: LogMethod;
  warn: LogMethod;
  error: LogMethod;
  /** Returns the same log with fields added to every message. */
  child(fields: Fields): Logger;
};

/** JSON for programs, and two forms for people: with time and level, or for the journal, which has the time itself. */
export type LogFormat = "json" | "text" | "journal";

export type LogOptions = {
  level: "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "silent";
  /** Receives whole lines, synchronously. */
  stream: { write(line: string): void };
  format: LogFormat;
  /** In text only. */
  color: boolean;
  /** Texts to mask wherever they appear, except those under 4 characters, which many words contain. */
  secrets: readonly string[];
  clock?: Pick<Clock, "now">;
};

type Line = { level: string; time: string; msg: string } & Record<string, unknown>;

/**
 * Creates a log of JSON lines, `{"level":"warn","time":"2026-01-02T03:04:05.678Z","msg":"…",…}`, of text such as
 * `03:04:05 WARN  the intake does not answer  status=503`, or for the journal, `<4>the intake does not answer  status=503`. Masks secrets and cuts long texts in every line, at any depth.
 */
export function createLogger({
  level,
  stream,
  format,
  color,
  secrets,
  clock = systemClock,
}: LogOptions): Logger {
  const clean = cleaner(secrets);
  return pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date(clock.now() * 1000).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    {
      write(json) {
        const { level, time, msg, ...fields } = JSON.parse(json) as Line;
        const line = { level, time, msg: clean(msg), ...(clean(fields) as Record<string, unknown>) } as Line;
        stream.write(WRITE[format](line, color));
      },
    },
  );
}

const HIDDEN = "***";

/** Names of secret fields, in any case, with or without - and _. */
const SECRET_FIELDS = [
  "apikey",
  "ddapikey",
  "authorization",
  "proxyauthorization",
  "password",
  "secret",
  "token",
];

/** Values that `describeConfig` puts in place of a secret. */
const HARMLESS: readonly unknown[] = ["set", "not set", null];

/** Characters of a text that are kept; an error page or a record in an error message may be megabytes long. */
const LONGEST = 8192;

/** Returns a function that copies the content of a line and masks secrets, in values and in names of fields. */
function cleaner(secrets: readonly string[]): (value: unknown) => unknown {
  const hide = hideSecrets(secrets, HIDDEN);
  const mask = (text: string) =>
    hide(text)
      .replace(/:\/\/[^\s/]*@/g, `://${HIDDEN}@`)
      .replace(/([?&](?:dd-)?api[-_]?key=)[^\s&#"]*/gi, `$1${HIDDEN}`);
  const clean = (value: unknown, depth: number): unknown => {
    if (typeof value === "string") return cut(mask(value));
    if (typeof value === "number") return mask(String(value)) === String(value) ? value : HIDDEN;
    if (typeof value !== "object" || value === null) return value;
    if (depth > 10) return "…";
    if (Array.isArray(value)) return value.map((item) => clean(item, depth + 1));
    const entries = Object.entries(value).map(([name, item]) => [
      mask(name),
      SECRET_FIELDS.includes(name.toLowerCase().replace(/[-_]/g, "")) && !HARMLESS.includes(item)
        ? HIDDEN
        : clean(item, depth + 1),
    ]);
    return Object.fromEntries(entries);
  };
  return (value) => clean(value, 0);
}

function cut(text: string): string {
  return text.length <= LONGEST
    ? text
    : `${text.slice(0, LONGEST)}… (${text.length - LONGEST} more characters)`;
}

const COLORS: Readonly<Record<string, number>> = { trace: 2, debug: 2, warn: 33, error: 31, fatal: 31 };

const WRITE: Readonly<Record<LogFormat, (line: Line, color: boolean) => string>> = {
  json: (line) => `${printableJson(line)}\n`,
  text: (line, color) => {
    const { level, time } = line;
    const label = paint(color, COLORS[level] ?? 0, level.toUpperCase().padEnd(5));
    return `${paint(color, 2, new Date(time).toTimeString().slice(0, 8))} ${label} ${textOf(line, color)}\n`;
  },
  journal: (line) => journalLine(line.level, textOf(line, false)),
};

/** Formats message and fields for people, with only the message of an error; the JSON lines have its stack. */
function textOf({ level, time, msg, ...fields }: Line, color: boolean): string {
  const pairs = Object.entries(fields).map(
    ([name, value]) => `${paint(color, 2, `${printable(name)}=`)}${fieldText(value)}`,
  );
  const head = printable(msg ?? "");
  return pairs.length === 0 ? head : `${head}  ${pairs.join(" ")}`;
}

function paint(color: boolean, code: number, text: string): string {
  return color ? `\x1b[${code}m${text}\x1b[0m` : text;
}

function fieldText(value: unknown): string {
  const shown = isError(value) ? value.message : value;
  if (typeof shown !== "string") return printable(JSON.stringify(shown));
  return /^[\w./:@%+,*-]+$/.test(shown) ? shown : printable(JSON.stringify(shown));
}

/** True for an Error as pino serializes it. */
function isError(value: unknown): value is { message: string } {
  return typeof value === "object" && value !== null && "stack" in value && "message" in value;
}
