import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { prose, STILTED, titlesIn } from "./architecture/glossary.ts";
import { codeOf, filesBelow, type Import, importsOf, SRC } from "./architecture/sources.ts";
import { EDGES, MAY_IMPORT, PORTS } from "./architecture/table.ts";
import { NOWHERE, WORDS } from "./architecture/words.ts";

const files = filesBelow(SRC);
const imports = files.flatMap(importsOf);

describe("who imports whom", () => {
  test("every file is part of the table, and every row is there for a file", () => {
    expect(files.filter((file) => partOf(file) === undefined)).toEqual([]);
    const used = new Set(files.map(partOf));
    expect(Object.keys(MAY_IMPORT).filter((part) => !used.has(part))).toEqual([]);
  });

  test("only as the table says", () => {
    expect(imports.filter((each) => !isAllowed(each)).map(inWords)).toEqual([]);
  });

  test("the table allows no more than is used", () => {
    const used = new Set(
      imports
        .filter(({ type, to }) => !type || !PORTS.includes(to))
        .map(({ from, to }) => `${partOf(from)} ${partOf(to) ?? to}`),
    );
    const rows = Object.entries(MAY_IMPORT).flatMap(([from, row]) => row.map((to) => `${from} ${to}`));
    expect(rows.filter((row) => !used.has(row))).toEqual([]);
    expect(PORTS.filter((port) => !imports.some(({ type, to }) => type && to === port))).toEqual([]);
  });

  test("nobody in a circle", () => {
    expect(circles()).toEqual([]);
  });

  test("scripts import nothing from test", () => {
    const root = join(SRC, "..", "scripts");
    const fromTest = /\sfrom\s+"[./]*\/test\//;
    expect('import { startRedis } from "../../test/helpers/redis-server.ts";').toMatch(fromTest);
    expect(filesBelow(root).filter((file) => fromTest.test(readFileSync(join(root, file), "utf8")))).toEqual(
      [],
    );
  });

  test("node: modules at the edges only", () => {
    const edges = imports.filter(({ to }) => to.startsWith("node:"));
    expect(edges.length).toBeGreaterThan(10);
    const allowed = ({ from, to }: Import) =>
      EDGES.some(([names, modules]) => names.test(from) && modules.includes(to.slice("node:".length)));
    expect(edges.filter((each) => !allowed(each)).map(inWords)).toEqual([]);
  });

  test.each([
    ["ioredis", /^redis\/(client|connector)\.ts$/],
    ["node:sqlite", /^storage\/sqlite\/[\w-]+\.ts$/],
    ["node-sqlite3-wasm/dist/node-sqlite3-wasm.wasm", /^storage\/sqlite-wasm\/engine\.ts$/],
    ["pino", /^log\/log\.ts$/],
    ["commander", /^start\/(call|command-line)\.ts$/],
  ])("%s has its place", (library, place) => {
    const users = imports.filter(({ to }) => to === library).map(({ from }) => from);
    expect(users).not.toEqual([]);
    expect(users.filter((file) => !place.test(file))).toEqual([]);
  });

  test("the registry has one line for each folder of a plugin, and names it as the folder", () => {
    const folders = files.flatMap((file) => /^plugins\/(\w+)\/\1\.ts$/.exec(file)?.[1] ?? []);
    const built = folders.filter((name) => name !== "exec").sort();
    const lines = readFileSync(join(SRC, "plugins", "registry.ts"), "utf8")
      .trim()
      .split("\n")
      .sort();
    expect(lines).toEqual(built.map((name) => `export { ${name} } from "./${name}/${name}.ts";`));
  });
});

describe("who says what", () => {
  test.each(WORDS)("%s", (_, word, example, exempt) => {
    expect(example).toMatch(word);
    expect(files.filter((file) => !exempt.test(file) && word.test(codeOf(file)))).toEqual([]);
  });

  test.each(NOWHERE)("%s", (_, word, example) => {
    expect(example).toMatch(word);
    expect(files.filter((file) => word.test(readFileSync(join(SRC, file), "utf8")))).toEqual([]);
  });

  test("any and ! are errors of the linter, everywhere", () => {
    const { linter, overrides } = JSON.parse(readFileSync(join(SRC, "..", "biome.json"), "utf8"));
    expect(linter).toMatchObject({
      enabled: true,
      rules: { style: { noNonNullAssertion: "error" }, suspicious: { noExplicitAny: "error" } },
    });
    expect(overrides).toBeUndefined();
  });
});

describe("plain English", () => {
  const texts = prose();

  test("titles are found in every form", () => {
    const text = `test("a", () => {}); describe.each(B)("b: $name", (b) => {});
      test.each([1])("c %p", async () => {});
      test.each<[string]>([
        ["row"],
      ])(
        "d",
        () => {},
      );
      test.concurrent("e", () => {});`;
    expect(titlesIn(text).split("\n")).toEqual(["a", "b: $name", "c %p", "d", "e"]);
    const found = texts.flatMap(([file, titles]) => (file.endsWith(".test.ts") ? titles.split("\n") : []));
    expect(found.length).toBeGreaterThan(1000);
  });

  test.each(STILTED)("is not %p but %p", (word, _, example) => {
    expect(example).toMatch(word);
    const lines = texts.flatMap(([file, text]) => text.split("\n").map((line) => `${file}: ${line.trim()}`));
    expect(lines.filter((line) => word.test(line))).toEqual([]);
  });
});

describe("files are short enough to be read at once", () => {
  test.each(["src", "test"])("%s", (folder) => {
    const root = join(SRC, "..", folder);
    const long = filesBelow(root)
      .map((file) => [file, readFileSync(join(root, file), "utf8").trimEnd().split("\n").length] as const)
      .filter(([, lines]) => lines > 250);
    expect(long).toEqual([]);
  });
});

/** The row of the table for a file of src/; undefined for libraries. */
function partOf(file: string): string | undefined {
  const folders = file.split("/").map((_, depth, names) => names.slice(0, depth + 1).join("/"));
  const named = folders.findLast((name) => Object.hasOwn(MAY_IMPORT, name));
  const plugin = /^plugins\/[\w-]+\/|^plugins\/\*$/.test(file) ? "plugins/*" : undefined;
  return named ?? (files.includes(file) ? plugin : undefined);
}

function isAllowed({ from, to, type }: Import): boolean {
  if (to.startsWith("node:") || (type && PORTS.includes(to))) return true;
  const part = partOf(from) ?? "";
  const target = partOf(to) ?? to;
  // Two plugins have the same row and are two parts.
  if (part === "plugins/*" && target === part) return dirname(from) === dirname(to);
  return part === target || MAY_IMPORT[part]?.includes(target) === true;
}

function inWords({ from, to, type }: Import): string {
  return `${from} imports ${type ? "type " : ""}${to}`;
}

/** Chains of imports, those of types included, that come back to where they began, each once. */
function circles(): string[] {
  const next = Map.groupBy(
    imports.filter(({ to }) => files.includes(to)),
    ({ from }) => from,
  );
  const done = new Set<string>();
  const found: string[] = [];
  const follow = (file: string, chain: readonly string[]) => {
    if (chain.includes(file)) found.push([...chain.slice(chain.indexOf(file)), file].join(" → "));
    if (done.has(file) || chain.includes(file)) return;
    for (const { to } of next.get(file) ?? []) follow(to, [...chain, file]);
    done.add(file);
  };
  for (const file of files) follow(file, []);
  return found;
}
