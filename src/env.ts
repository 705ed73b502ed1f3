import * as v from "valibot";

/** One variable of the environment: its names (first the preferred one), default as one would type it, and meaning. */
export type Variable<T = unknown> = {
  names: readonly [string, ...string[]];
  /** Text as in an env file; undefined: there is no value unless one is given. */
  default?: string;
  /** One sentence with the unit, for the README's table. */
  meaning: string;
  /** Ends the sentence "… expects …" of an error. */
  expects: string;
  /** From text to value; any issue means "not what is expected". */
  schema: v.GenericSchema<string, T>;
};

export type Variables = Readonly<Record<string, Variable>>;

/** What a table of variables reads to: its keys with their values, undefined where there is neither value nor default. */
export type Values<T extends Variables> = {
  [K in keyof T]: T[K] extends Variable<infer V>
    ? T[K] extends { default: string }
      ? V
      : V | undefined
    : never;
};

export type Env = Readonly<Record<string, string | undefined>>;

/** Never print what a person may have typed as a key: an issue shows `got …` only for variables that are not secret. */
const SECRET = /KEY$|TOKEN|PASSWORD|REDIS_URL|PROXY/i;

/** Reads every variable of the table from `env` (upper-case names); mistakes come back as one sentence each. */
export function readVariables<T extends Variables>(
  table: T,
  env: Env,
): { values: Values<T>; issues: string[] } {
  const values: Record<string, unknown> = {};
  const issues: string[] = [];
  for (const [key, variable] of Object.entries(table)) {
    const name = variable.names.find((candidate) => (env[candidate] ?? "") !== "") ?? variable.names[0];
    const text = (env[name] ?? "") === "" ? variable.default : env[name];
    if (text === undefined) continue;
    const result = v.safeParse(variable.schema, text);
    if (result.success) values[key] = result.output;
    else
      issues.push(
        `${name}: got ${SECRET.test(name) ? "a value that is not printed" : JSON.stringify(text.slice(0, 100))}, expects ${variable.expects}`,
      );
  }
  return { values: values as Values<T>, issues };
}

/** `["a","b"]` as JSON, or `a, b` or `a b`. */
export function listSchema(): v.GenericSchema<string, string[]> {
  return v.pipe(
    v.string(),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const text = dataset.value.trim();
      if (!text.startsWith("[")) return text.split(/[\s,]+/).filter((item) => item !== "");
      const list = parseJson(text);
      if (Array.isArray(list) && list.every((item) => ["string", "number"].includes(typeof item)))
        return list.map(String);
      addIssue({ message: "not a list" });
      return NEVER;
    }),
  );
}

/** A list whose items are all among the known ones. */
export function listOfSchema<const K extends string>(known: readonly K[]): v.GenericSchema<string, K[]> {
  return v.pipe(listSchema(), v.array(v.picklist(known)));
}

/** A decimal number within [min, max]. */
export function numberSchema(min: number, max: number): v.GenericSchema<string, number> {
  return v.pipe(
    v.string(),
    v.trim(),
    v.regex(/^-?\d+(\.\d+)?$/),
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

/** One of the known words, in any case. */
export function oneOfSchema<const K extends string>(known: readonly K[]): v.GenericSchema<string, K> {
  return v.pipe(v.string(), v.trim(), v.toLowerCase(), v.picklist(known));
}

/** Text that is not blank, without blanks around it. */
export function textSchema(): v.GenericSchema<string, string> {
  return v.pipe(v.string(), v.trim(), v.minLength(1));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
