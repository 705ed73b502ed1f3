import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { version } from "../package.json";
import { BUN_SWITCHES } from "../scripts/build/without-switches.ts";
import { coreVariables } from "../src/config/config.ts";
import type { Variable } from "../src/config/variable.ts";
import { builtInPlugins } from "../src/start/built-in-plugins.ts";
import { parseCall } from "../src/start/call.ts";
import { ALL_QUEUES } from "../src/storage/storage.ts";

const ROOT = join(import.meta.dir, "..");
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const readme = read("README.md");

describe("the README's variables", () => {
  test("are those of the schema, with defaults and meanings", () => {
    const rows = Object.values<Variable>(coreVariables).map(({ names: [name, ...aliases], ...variable }) => [
      aliases.length === 0
        ? `\`${name}\``
        : `\`${name}\` (${aliases.map((alias) => `\`${alias}\``).join(", ")})`,
      variable.default === undefined ? (variable.otherwise ?? "–") : `\`${variable.default}\``,
      variable.meaning,
    ]);
    expect(tableOf("Variables")).toEqual(rows);
  });

  test("all exist, wherever they are named", () => {
    const tables = [coreVariables, ...Object.values(builtInPlugins).map(({ variables }) => variables)];
    const known = tables.flatMap((table) => Object.values<Variable>(table).flatMap(({ names }) => names));
    const others = [
      "UPDATE_EXPECTED",
      "XDG_STATE_HOME",
      "XDG_RUNTIME_DIR",
      ...BUN_SWITCHES,
      "NODE_OPTIONS",
      "LD_PRELOAD",
      "DD_DOGSTATSD_URL",
      "AF_INET",
      "SOCK_DGRAM",
      "CHOUETTE_SIGNING_KEY",
      "CHOUETTE_RELEASES_URL",
    ];
    const named = [...readme.matchAll(/\b([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)\b/g)].map(([name]) => name);
    expect([...new Set(named)].filter((name) => ![...known, ...others].includes(name))).toEqual([]);
  });
});

describe("the README's plugins", () => {
  test("are those of the registry, each with a link to its README", () => {
    const names = tableOf("Plugins").map(([name]) => name);
    expect(names.sort()).toEqual(
      Object.keys(builtInPlugins)
        .map((name) => `[${name}](src/plugins/${name}/README.md)`)
        .sort(),
    );
  });

  test.each([
    ["js", "test/fixtures/own-plugins/thermometer.js"],
    ["sh", "test/fixtures/own-plugins/photos.sh"],
    ["js", "test/fixtures/own-wrapper/extremes.js"],
  ])("have a %s example that is %s", (language, path) => {
    expect(readme).toContain(`\n\`\`\`${language}\n${read(path)}\`\`\`\n`);
  });
});

describe("the README's commands", () => {
  const typed = [...readme.matchAll(/\bchouette ((?:run|flush|inspect-queue|test-plugins)\b[^\n`#]*)/g)].map(
    ([, words = ""]) => words.trim(),
  );

  test("are all four", () => {
    expect(new Set(typed.map((words) => words.split(" ", 1)[0]))).toEqual(
      new Set(["run", "flush", "inspect-queue", "test-plugins"]),
    );
  });

  test.each([...new Set(typed)])("chouette %s", (words) => {
    const argv = [...words.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
    let output = "";
    const write = (text: string) => {
      output += text;
    };
    const known = { queues: ALL_QUEUES, plugins: Object.keys(builtInPlugins) };
    expect(parseCall(argv, version, known, { print: write, note: write })).toBeObject();
    expect(output).toBe("");
  });
});

describe("the README points to existing files", () => {
  const links = [...readme.matchAll(/\]\(([^):]+)\)/g)].map(([, path = ""]) => path);
  const paths = [...readme.matchAll(/\b(?:src|test|scripts)\/[\w./-]*\w/g)].map(([path]) => path);

  test.each([...new Set([...links, ...paths])].filter((path) => !path.includes("wifi")))("%s", (path) => {
    expect(existsSync(join(ROOT, path))).toBe(true);
  });

  test("and the newest release in the changelog is this version", () => {
    expect(/^## (\d\S+)/m.exec(read("CHANGELOG.md"))?.[1]).toBe(version);
  });
});

/** Returns the cells of the first table of a section, without its headings. */
function tableOf(heading: string): string[][] {
  const section = readme.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? "";
  const rows = section.split("\n").filter((line) => line.startsWith("|"));
  return rows.slice(2).map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}
