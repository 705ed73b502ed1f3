import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { coreVariables } from "../../src/config/config.ts";
import { parseEnvFile } from "../../src/config/env-file.ts";
import type { Variable } from "../../src/config/variable.ts";
import { builtInPlugins } from "../../src/start/built-in-plugins.ts";

const template = readFileSync(join(import.meta.dir, "../../systemd/chouette.env"), "utf8");
const tables = [coreVariables, ...Object.values(builtInPlugins).map(({ variables }) => variables)];
/** By name; what a plugin shares with the agent is the agent's. */
const variables = new Map(
  tables
    .toReversed()
    .flatMap((table) => Object.values<Variable>(table).map((variable) => [variable.names[0], variable])),
);

describe("systemd/chouette.env", () => {
  test("sets no variable by default", () => {
    expect(parseEnvFile(template)).toEqual({ env: {}, issues: [] });
  });

  test("has every variable once, and no other", () => {
    const named = [...template.matchAll(/^#(\w+)=/gm)].map(([, name]) => name);
    expect(named.toSorted()).toEqual([...variables.keys()].sort());
  });

  test("begins with the three that most devices set", () => {
    const named = [...template.matchAll(/^#(\w+)=/gm)].map(([, name]) => name);
    expect(named.slice(0, 3)).toEqual(["COLLECT_PLUGINS", "GLOBAL_TAGS", "DD_SITE"]);
  });

  const { env, issues } = parseEnvFile(template.replace(/^#(?=\w+=)/gm, ""));

  test("is valid without the #", () => {
    expect(issues).toEqual([]);
  });

  test.each([...variables])("%s has its default, or an example that is right", (name, variable) => {
    const text = env[name] ?? "";
    if (variable.default !== undefined) expect(text).toBe(variable.default);
    expect(v.safeParse(variable.schema, text).success).toBeTrue();
  });

  test.each([...variables])("%s has its sentence above it", (name, { meaning }) => {
    const [, comment = ""] = new RegExp(`((?:^# .*\n)+)#${name}=`, "m").exec(template) ?? [];
    expect(comment.replaceAll(/\n?# /g, " ").trim()).toStartWith(meaning.replaceAll("`", ""));
  });
});
