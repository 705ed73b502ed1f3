import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import * as v from "valibot";
import {
  booleanSchema,
  givenName,
  integerSchema,
  listOfSchema,
  listSchema,
  mistake,
  normalizeEnv,
  numberSchema,
  oneOfSchema,
  readVariables,
  textSchema,
} from "../../src/config/variable.ts";

const REFUSED = Symbol("refused");

function read<T>(schema: v.GenericSchema<string, T>, text: string): T | typeof REFUSED {
  const result = v.safeParse(schema, text);
  return result.success ? result.output : REFUSED;
}

describe("normalizeEnv", () => {
  test.each([
    ["names become upper case", { api_key: "a", Host: "b" }, { API_KEY: "a", HOST: "b" }],
    ["the exact spelling wins", { host: "a", HOST: "b", Host: "c" }, { HOST: "b" }],
    ["among the others the first wins", { host: "a", Host: "b" }, { HOST: "a" }],
    [
      "blank is unset, also in front of another spelling",
      { HOST: " \n", host: "a", DD_SITE: "" },
      { HOST: "a" },
    ],
    ["undefined is unset", { HOST: undefined }, {}],
    ["values are left as they are", { HOST: " a " }, { HOST: " a " }],
  ])("%s", (_, env, expected) => {
    expect(normalizeEnv(env)).toEqual(expected);
  });
});

describe("readVariables", () => {
  const table = {
    level: {
      names: ["LEVEL", "DD_LEVEL"],
      default: "2",
      meaning: "A level.",
      expects: "a whole number from 1 to 9",
      schema: integerSchema(1, 9),
    },
    groups: {
      names: ["GROUPS"],
      meaning: "Groups.",
      expects: "a list of a, b",
      schema: listOfSchema(["a", "b"]),
    },
    token: { names: ["K8S_TOKEN"], meaning: "A token.", expects: "a number", schema: numberSchema(0, 1) },
  } as const;

  test.each([
    ["defaults, and nothing where there is none", {}, { level: 2 }, []],
    ["blank is unset", { LEVEL: "", DD_LEVEL: " ", GROUPS: "\t" }, { level: 2 }, []],
    ["the first name wins", { LEVEL: "3", DD_LEVEL: "4" }, { level: 3 }, []],
    ["an alias", { DD_LEVEL: "4", GROUPS: "B,a,b" }, { level: 4, groups: ["b", "a"] }, []],
    [
      "every mistake, under the name that was given",
      { DD_LEVEL: "10", GROUPS: '["a","x"]', K8S_TOKEN: "s3cret" },
      {},
      [
        'DD_LEVEL: got "10", expects a whole number from 1 to 9',
        'GROUPS: got "x", expects a list of a, b',
        "K8S_TOKEN: got a value that is not printed, it may hold a secret, expects a number",
      ],
    ],
  ])("%s", (_, env, values, issues) => {
    expect(readVariables(table, env)).toEqual({ values, issues } as never);
  });

  test("givenName says which name is set", () => {
    expect(givenName(table.level, { DD_LEVEL: "4" })).toBe("DD_LEVEL");
    expect(givenName(table.level, { LEVEL: "", DD_LEVEL: "4" })).toBe("DD_LEVEL");
    expect(givenName(table.level, {})).toBeUndefined();
  });
});

describe("mistake", () => {
  const hidden = "got a value that is not printed, it may hold a secret, expects x";
  test.each([
    ["LOG_LEVEL", "loud\nline", 'LOG_LEVEL: got "loud\\nline", expects x'],
    ["LOG_LEVEL", "z".repeat(200), `LOG_LEVEL: got "${"z".repeat(100)}", expects x`],
    ["API_KEY", "abc", `API_KEY: ${hidden}`],
    ["REDIS_URL", "redis", `REDIS_URL: ${hidden}`],
    ["HTTPS_PROXY", "p", `HTTPS_PROXY: ${hidden}`],
    ["DATADOG_URL", "https:/user:pass@host", `DATADOG_URL: ${hidden}`],
    ["DATADOG_URL", "https://host?api_key=abc", `DATADOG_URL: ${hidden}`],
    ["LOG_LEVEL", "0123456789abcdef0123456789ABCDEF", `LOG_LEVEL: ${hidden}`],
  ])("%s %s", (name, text, line) => {
    expect(mistake(name, text, "x")).toBe(line);
  });
});

describe("schemas", () => {
  test.each([
    ["a,b", ["a", "b"]],
    [" a , b  c,,", ["a", "b", "c"]],
    ['["a b"," c ","", 5]', ["a b", "c", "5"]],
    ["[]", []],
    ['["a"', REFUSED],
    ["['a']", REFUSED],
    ['[["a"]]', REFUSED],
    ["[null]", REFUSED],
    ['{"a":"b"}', REFUSED],
    ['"a","b"', REFUSED],
  ])("list %s", (text, expected) => {
    expect(read(listSchema(), text)).toEqual(expected as never);
  });

  test.each([
    ["0.5", 0.5],
    [" 1 ", 1],
    [".25", 0.25],
    ["-0.0", -0],
    ["1.", 1],
    ["1.01", REFUSED],
    ["-0.1", REFUSED],
    ["1e-3", REFUSED],
    ["0x1", REFUSED],
    ["NaN", REFUSED],
    ["", REFUSED],
    [".", REFUSED],
    ["0,5", REFUSED],
  ])("number from 0 to 1: %s", (text, expected) => {
    expect(read(numberSchema(0, 1), text)).toBe(expected as never);
  });

  test.each([
    ["1", 1],
    ["9.0", 9],
    ["9.5", REFUSED],
    ["0", REFUSED],
    ["10", REFUSED],
    ["1_000", REFUSED],
  ])("whole number from 1 to 9: %s", (text, expected) => {
    expect(read(integerSchema(1, 9), text)).toBe(expected as never);
  });

  test.each([
    ["True", true],
    ["1", true],
    ["YES", true],
    ["on", true],
    [" false ", false],
    ["0", false],
    ["No", false],
    ["off", false],
    ["maybe", REFUSED],
    ["2", REFUSED],
  ])("boolean %s", (text, expected) => {
    expect(read(booleanSchema(), text)).toBe(expected as never);
  });

  test("words in any case, text without blanks around it", () => {
    expect(read(oneOfSchema(["redis", "sqlite"]), " SQLite ")).toBe("sqlite");
    expect(read(oneOfSchema(["redis", "sqlite"]), "mysql")).toBe(REFUSED);
    expect(read(listOfSchema(["cpu", "ram"]), "RAM cpu ram")).toEqual(["ram", "cpu"]);
    expect(read(listOfSchema(["cpu", "ram"]), "cpu disk")).toBe(REFUSED);
    expect(read(textSchema(), " a b ")).toBe("a b");
    expect(read(textSchema(), "  ")).toBe(REFUSED);
  });

  test("a list comes back from its JSON whatever is in it", () => {
    const item = fc.string({ unit: "binary" }).map((text) => text.trim());
    fc.assert(
      fc.property(fc.array(item), (items) => {
        expect(read(listSchema(), JSON.stringify(items))).toEqual(items.filter((text) => text !== ""));
      }),
    );
  });
});
