import * as v from "valibot";
import { InvalidValue } from "../errors.ts";
import { compilePattern } from "../logs/text/pattern.ts";
import { type Status, statusOfWord } from "../logs/text/status.ts";
import { parsedSchema } from "./variable.ts";

/** How a source of logs may be described, by the key that one types; `multiline` for files only. */
const Options = {
  service: v.optional(v.string()),
  source: v.optional(v.string()),
  tags: v.optional(v.array(v.string()), []),
  level: v.optional(
    v.pipe(
      v.string(),
      v.check((word) => statusOfWord(word) !== undefined),
    ),
  ),
  include: v.optional(patterns(), []),
  exclude: v.optional(patterns(), []),
  lines_per_minute: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  bytes_per_minute: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  fold: v.optional(v.boolean(), true),
};

type Given = v.InferOutput<v.ObjectSchema<typeof Options, undefined>>;

/** One source of logs, as LOG_FILES, JOURNALD_UNITS and LOGS_LISTEN describe it; `what` is the path, unit or address. */
export type LogSource = {
  what: string;
  service: string | undefined;
  source: string | undefined;
  tags: readonly string[];
  level: Status | undefined;
  include: readonly string[];
  exclude: readonly string[];
  linesPerMinute: number | undefined;
  bytesPerMinute: number | undefined;
  fold: boolean;
  multiLine: string | undefined;
};

/** Returns a source that was only named. */
export function plainSource(what: string): LogSource {
  return {
    what,
    service: undefined,
    source: undefined,
    tags: [],
    level: undefined,
    include: [],
    exclude: [],
    linesPerMinute: undefined,
    bytesPerMinute: undefined,
    fold: true,
    multiLine: undefined,
  };
}

/**
 * A list of sources: plain (`/var/log/syslog,/var/log/nginx/*.log`), or JSON of texts and objects such as
 * `{"path":"/var/log/app/*.log","service":"app","multiline":"^\\d{4}-"}`. `key` is the key of what is named (`path`), `check` throws
 * InvalidValue for a name that cannot be one.
 */
export function logSourcesSchema(
  key: string,
  check: (what: string) => void,
): v.GenericSchema<string, LogSource[]> {
  const isFile = key === "path";
  const entries: v.ObjectEntries = {
    [key]: v.string(),
    ...Options,
    ...(isFile && { multiline: v.optional(pattern()) }),
  };
  const schema = v.strictObject(entries);
  return parsedSchema((text) =>
    itemsOf(text).map((item) => {
      const parsed = v.safeParse(schema, typeof item === "string" ? { [key]: item } : item);
      if (!parsed.success) throw new InvalidValue(problemOf(parsed.issues[0], Object.keys(entries)));
      const given = parsed.output as Given & Record<string, unknown>;
      const what = String(given[key]);
      check(what);
      return {
        what,
        service: given.service,
        source: given.source,
        tags: given.tags,
        level: given.level === undefined ? undefined : statusOfWord(given.level),
        include: given.include,
        exclude: given.exclude,
        linesPerMinute: given.lines_per_minute,
        bytesPerMinute: given.bytes_per_minute,
        fold: given.fold,
        multiLine: typeof given.multiline === "string" ? given.multiline : undefined,
      };
    }),
  );
}

/** A list of patterns in RE2's syntax, as JSON or one pattern. */
export function patternsSchema(): v.GenericSchema<string, string[]> {
  return parsedSchema((text) => {
    const parsed = v.safeParse(patterns(), text.startsWith("[") ? itemsOf(text) : [text]);
    if (!parsed.success) throw new InvalidValue(parsed.issues[0].message);
    return parsed.output;
  });
}

/** Items of JSON or of a plain list. An environment file takes one of two backslashes away: `\d` is then meant as a pattern has it. */
function itemsOf(text: string): unknown[] {
  if (!/^[[{]/.test(text)) return text.split(/[\s,]+/).filter((item) => item !== "");
  const parsed = parsedJson(text) ?? parsedJson(text.replace(/\\(?!["\\/])/g, "\\\\"));
  if (parsed === undefined) throw new InvalidValue("this is not JSON");
  return Array.isArray(parsed) ? parsed : [parsed];
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function pattern() {
  return v.pipe(
    v.string(),
    v.rawCheck<string>(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      try {
        compilePattern(dataset.value);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        addIssue({ message: `the pattern ${dataset.value} cannot be used: ${why}` });
      }
    }),
  );
}

function patterns() {
  return v.array(pattern());
}

function problemOf(issue: v.BaseIssue<unknown>, keys: readonly string[]): string {
  const key = String(issue.path?.[0]?.key ?? "");
  if (!keys.includes(key)) return `${key === "" ? "an item" : key} is not known; known: ${keys.join(", ")}`;
  return issue.type === "raw_check" ? issue.message : `the value of ${key} cannot be used`;
}
