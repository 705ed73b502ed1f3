import { pino } from "pino";
import { type Clock, systemClock } from "../schedule/clock.ts";
import { printable } from "../terminal/printable.ts";

/** What goes with a message; the three names are those of the line itself. */
export type Fields = Readonly<Record<string, unknown>> & { level?: never; time?: never; msg?: never };

export type LogMethod = { (message: string): void; (fields: Fields, message: string): void };

/** What the rest of the program sees of pino. An Error goes into the field `err`. */
export type Logger = {
  debug: LogMethod;
  info: LogMethod;
  warn: LogMethod;
  error: LogMethod;
  /** The same log with fields that go with every message. */
  child(fields: Fields): Logger;
};

export type LogOptions = {
  level: "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "silent";
  /** Takes whole lines, at once. */
  stream: { write(line: string): void };
  /** Lines for people instead of JSON. */
  terminal: boolean;
  /** On a terminal only. */
  color: boolean;
  /** Texts that are hidden wherever they appear; those under 4 characters are in every other word and are not. */
  secrets: readonly string[];
  clock?: Pick<Clock, "now">;
};

type Line = { level: string; time: string; msg: string } & Record<string, unknown>;

/**
 * A log of JSON lines, `{"level":"warn","time":"2026-01-02T03:04:05.678Z","msg":"…",…}`, or on a terminal of lines such as
 * `03:04:05 WARN  the intake does not answer  status=503`. Every line passes through one place that hides secrets and cuts
 * what is long, whatever was logged and however deep it lies.
 */
export function createLogger({
  level,
  stream,
  terminal,
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
        stream.write(terminal ? humanLine(line, color) : `${JSON.stringify(line)}\n`);
      },
    },
  );
}

const HIDDEN = "***";

/** Names of fields that hold secrets, in any case, with or without - and _. */
const SECRET_FIELDS = [
  "apikey",
  "ddapikey",
  "authorization",
  "proxyauthorization",
  "password",
  "secret",
  "token",
];

/** What `describeConfig` says in place of a secret. */
const HARMLESS: readonly unknown[] = ["set", "not set", null];

/** Characters; an error page or a record in an error message may be megabytes. */
const LONGEST = 8192;

/** A function that copies what was in a line without secrets, neither in values nor in names of fields. */
function cleaner(secrets: readonly string[]): (value: unknown) => unknown {
  const longestFirst = secrets.filter((secret) => secret.length >= 4).sort((a, b) => b.length - a.length);
  const mask = (text: string) =>
    longestFirst
      .reduce((masked, secret) => masked.replaceAll(secret, HIDDEN), text)
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

/** Of an error only its message; the JSON lines have its stack. */
function humanLine({ level, time, msg, ...fields }: Line, color: boolean): string {
  const paint = (code: number, text: string) => (color ? `\x1b[${code}m${text}\x1b[0m` : text);
  const pairs = Object.entries(fields).map(
    ([name, value]) => `${paint(2, `${printable(name)}=`)}${fieldText(value)}`,
  );
  const label = paint(COLORS[level] ?? 0, level.toUpperCase().padEnd(5));
  const head = `${paint(2, new Date(time).toTimeString().slice(0, 8))} ${label} ${printable(msg ?? "")}`;
  return `${pairs.length === 0 ? head : `${head}  ${pairs.join(" ")}`}\n`;
}

function fieldText(value: unknown): string {
  const shown = isError(value) ? value.message : value;
  if (typeof shown !== "string") return printable(JSON.stringify(shown));
  return /^[\w./:@%+,*-]+$/.test(shown) ? shown : printable(JSON.stringify(shown));
}

/** As pino writes an Error. */
function isError(value: unknown): value is { message: string } {
  return typeof value === "object" && value !== null && "stack" in value && "message" in value;
}
