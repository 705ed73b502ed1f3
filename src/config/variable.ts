import * as v from "valibot";
import { InvalidValue } from "../errors.ts";

/** One variable of the environment: its names (first the preferred one), default as one would type it, and meaning. */
export type Variable<T = unknown> = {
  names: readonly [string, ...string[]];
  /** Text as in an env file; undefined: there is no value unless one is given. */
  default?: string;
  /** For the README's table where there is no fixed default: what happens instead, such as `the system's host name`. */
  otherwise?: string;
  /** One sentence with the unit, for the README's table. */
  meaning: string;
  /** Ends the sentence "… expects …" of an error. */
  expects: string;
  /** From text to value; any issue means "not what is expected". */
  schema: v.GenericSchema<string, T>;
};

export type Variables = Readonly<Record<string, Variable>>;

/** The values of a table of variables by key; undefined without a value or default. */
export type Values<T extends Variables> = {
  [K in keyof T]: T[K] extends Variable<infer V>
    ? T[K] extends { default: string }
      ? V
      : V | undefined
    : never;
};

export type Env = Readonly<Record<string, string | undefined>>;

/**
 * The environment as every table reads it: names in upper case, blank values left out. Names are case-insensitive for
 * people; where several spellings are set, the one in upper case wins, then the first.
 */
export function normalizeEnv(env: Env): Env {
  const given = Object.entries(env).filter(([, value]) => (value ?? "").trim() !== "");
  const exact = given.filter(([name]) => name === name.toUpperCase());
  const other = given.filter(([name]) => name !== name.toUpperCase()).reverse();
  return Object.fromEntries([...other, ...exact].map(([name, value]) => [name.toUpperCase(), value]));
}

/** Reads every variable of the table from `env` (see normalizeEnv); mistakes come back as one line each. A blank value counts as unset. */
export function readVariables<T extends Variables>(
  table: T,
  env: Env,
): { values: Values<T>; issues: string[] } {
  const values: Record<string, unknown> = {};
  const issues: string[] = [];
  for (const [key, variable] of Object.entries(table)) {
    const name = givenName(variable, env);
    const text = name === undefined ? variable.default : env[name];
    if (text === undefined) continue;
    const result = v.safeParse(variable.schema, text);
    if (result.success) values[key] = result.output;
    else issues.push(issueOf(name ?? variable.names[0], text, variable.expects, result.issues[0]));
  }
  return { values: values as Values<T>, issues };
}

/** Which of a variable's names is set; undefined when none is. */
export function givenName(variable: Pick<Variable, "names">, env: Env): string | undefined {
  return variable.names.find((name) => (env[name] ?? "").trim() !== "");
}

/** Variables whose value is never printed. */
const SECRET_NAME = /KEY$|TOKEN|SECRET|PASSWORD|REDIS_URL|PROXY/;

/**
 * What may be a secret in any variable: a URL with a user in it, `api_key=…`, the 32 hex digits of a Datadog key, or a command,
 * of which a list without quotes makes several items.
 */
const SECRET_TEXT = /@|exec:|(key|token|secret|password)=|[0-9a-f]{32}/i;

/**
 * `RELEASE_INTERVAL: got "soon", expects a whole number of seconds from 1 to 86400`, without what may be a secret. `text` is
 * what is wrong, `whole` all that the variable holds.
 */
export function mistake(name: string, text: string, expects: string, whole = text): string {
  const secret = SECRET_NAME.test(name) || SECRET_TEXT.test(text) || SECRET_TEXT.test(whole);
  const got = secret
    ? "a value that is not printed, it may hold a secret"
    : JSON.stringify(text.slice(0, 100));
  return `${name}: got ${got}, expects ${expects}`;
}

function issueOf(name: string, text: string, expects: string, issue: v.BaseIssue<unknown>): string {
  const reason = issue.type === "raw_transform" && issue.message !== "" ? `; ${issue.message}` : "";
  return mistake(name, blamed(text, issue), expects, text) + reason;
}

/** The item that is wrong where the text is a list, else the text. */
function blamed(text: string, issue: v.BaseIssue<unknown>): string {
  const isItem = issue.path !== undefined && ["string", "number"].includes(typeof issue.input);
  return isItem ? String(issue.input) : text;
}

/** The value that `parse` makes of the text; the InvalidValue that it throws ends the message about the variable. */
export function parsedSchema<T>(parse: (text: string) => T): v.GenericSchema<string, T> {
  return v.pipe(
    v.string(),
    v.trim(),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      try {
        return parse(dataset.value);
      } catch (error) {
        if (!(error instanceof InvalidValue)) throw error;
        addIssue({ message: error.message });
        return NEVER;
      }
    }),
  );
}

/** `["a","b"]` as JSON, or `a, b` or `a b`. */
export function listSchema(): v.GenericSchema<string, string[]> {
  return parsedSchema(parseList);
}

/** Items without blanks around them, empty ones left out. Throws InvalidValue for broken JSON, as quotes in a plain list are. */
function parseList(text: string): string[] {
  const list = text.startsWith("[") ? parseJson(text) : /^\{|"/.test(text) ? undefined : text.split(/[\s,]+/);
  const isItem = (item: unknown) => typeof item === "string" || typeof item === "number";
  if (!Array.isArray(list) || !list.every(isItem)) throw new InvalidValue();
  return list.map((item) => String(item).trim()).filter((item) => item !== "");
}

/** A list whose items are all among the known words (lower case), in any case; each is taken once. */
export function listOfSchema<const K extends string>(known: readonly K[]): v.GenericSchema<string, K[]> {
  return v.pipe(
    listSchema(),
    v.array(v.pipe(v.string(), v.toLowerCase(), v.picklist(known))),
    v.transform((items) => [...new Set(items)]),
  );
}

/** A decimal number within [min, max]. */
export function numberSchema(min: number, max: number): v.GenericSchema<string, number> {
  return v.pipe(
    v.string(),
    v.trim(),
    v.regex(/^-?(\d+(\.\d*)?|\.\d+)$/),
    v.transform(Number),
    v.minValue(min),
    v.maxValue(max),
  );
}

/** A whole number within [min, max]. */
export function integerSchema(min: number, max: number): v.GenericSchema<string, number> {
  return v.pipe(numberSchema(min, max), v.integer());
}

/** true/false, 1/0, yes/no, on/off in any case. */
export function booleanSchema(): v.GenericSchema<string, boolean> {
  return v.pipe(
    v.string(),
    v.trim(),
    v.toLowerCase(),
    v.picklist(["true", "1", "yes", "on", "false", "0", "no", "off"]),
    v.transform((word) => ["true", "1", "yes", "on"].includes(word)),
  );
}

/** One of the known words (lower case), in any case. */
export function oneOfSchema<const K extends string>(known: readonly K[]): v.GenericSchema<string, K> {
  return v.pipe(v.string(), v.trim(), v.toLowerCase(), v.picklist(known));
}

/** Text that is not blank, without blanks around it. */
export function textSchema(): v.GenericSchema<string, string> {
  return v.pipe(v.string(), v.trim(), v.minLength(1));
}

/** A path from the root, without slashes at its end. Relative ones would mean another place for every caller. */
export function absolutePathSchema(): v.GenericSchema<string, string> {
  return v.pipe(
    textSchema(),
    v.startsWith("/"),
    v.transform((path) => path.replace(/\/+$/, "") || "/"),
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
