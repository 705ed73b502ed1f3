import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { wasmBundle } from "../helpers/wasm-bundle.ts";

const PROGRAM = join(import.meta.dir, "programs/import-module.ts");

const MODULES = {
  "a.mjs": 'import { length } from "./length.mjs"; export const value = length("1");',
  "length.mjs": "export const length = (text) => text.length;",
  "b.cjs": 'const { sep } = require("node:path"); module.exports = { value: sep };',
  "c.js": 'const { value } = require("./b.cjs"); module.exports = { value: value + value };',
  "d.js":
    'import { value as slash } from "./e.js"; export const value = slash + import.meta.url.slice(0, 5);',
  "e.js":
    'import { createRequire } from "node:module"; export const value = createRequire(import.meta.url)("./b.cjs").value;',
  "typed/package.json": '{"type":"module"}',
  "typed/f.js": "export const value = 6;",
  "broken.js": "export const value = ((;",
  "comma.mjs": "export const value = {\n  a: 1\n  b: 2 };\n",
  "imports-comma.mjs": 'import { value } from "./comma.mjs";\nexport { value };\n',
  "throws.js": 'throw new RangeError("it is broken");',
};
const NAMES = ["a.mjs", "b.cjs", "c.js", "d.js", "typed/f.js", "throws.js"];
const VALUES = ["1", "/", "//", "/file:", "6", "RangeError: it is broken"];

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "chouette-modules-"));
  await mkdir(join(dir, "typed"));
  for (const [name, source] of Object.entries(MODULES)) await writeFile(join(dir, name), source);
  await writeFile(join(dir, "g.ts"), "export const value: number = 7;");
  await writeFile(join(dir, "h.mjs"), 'export { value } from "./g.ts";');
});
afterAll(() => rm(dir, { recursive: true }));

/** The lines that the program prints, started by these words in the folder of the modules. */
async function load(
  [command = "", ...words]: readonly string[],
  names: readonly string[],
): Promise<string[]> {
  const { stdout, stderr } = await promisify(execFile)(command, [...words, ...names], { cwd: dir });
  expect(stderr).toBe("");
  return stdout.trimEnd().split("\n");
}

/** The words for a Node that is as old as that of the executable for armv7: without types, modules told by their names. */
async function oldNode(): Promise<string[]> {
  const flags = ["--no-experimental-detect-module", "--no-experimental-strip-types"];
  const print = "process.stdout.write([...process.allowedNodeEnvironmentFlags].join())";
  const { stdout } = await promisify(execFile)("node", ["-e", print]);
  const known = flags.filter((flag) => stdout.includes(flag.replace("--no-", "--")));
  return ["node", "--no-warnings", ...known, await wasmBundle(PROGRAM, "esm")];
}

describe("in Bun", () => {
  test("modules of every kind", async () => {
    expect(await load([process.execPath, PROGRAM], [...NAMES, "g.ts", "h.mjs"])).toEqual([
      ...VALUES,
      "7",
      "7",
    ]);
  });
});

describe("in Bun, a module that cannot be imported", () => {
  test("is named with the line of its mistake, also when another module has it", async () => {
    expect(await load([process.execPath, PROGRAM], ["comma.mjs", "imports-comma.mjs"])).toEqual([
      'SyntaxError: line 3: Expected "}" but found "b": b: 2 };',
      `SyntaxError: ${join(dir, "comma.mjs")}, line 3: Expected "}" but found "b": b: 2 };`,
    ]);
  });

  test("is reported as missing with its whole path", async () => {
    const file = join(dir, "none.mjs");
    expect(await load([process.execPath, PROGRAM], ["none.mjs", file])).toEqual([
      `Error: there is no such file (${file}): ls -l ${dir}`,
      `Error: there is no such file: ls -l ${dir}`,
    ]);
  });
});

describe("in Node 20", () => {
  test("JavaScript modules of every kind", async () => {
    expect(await load(await oldNode(), NAMES)).toEqual(VALUES);
  });

  test("each kind is loaded independently: a .mjs needs no hooks, and a .js reports its error", async () => {
    expect(await load(await oldNode(), ["a.mjs"])).toEqual(["1"]);
    expect(await load(await oldNode(), ["broken.js"])).toEqual([expect.stringMatching(/^SyntaxError: /)]);
  });

  test("TypeScript is refused with the command to type, wherever it is imported", async () => {
    const file = join(dir, "g.ts");
    const said = `Error: ${file} is TypeScript, which the executable for 32-bit ARM cannot read. Compile it elsewhere: npx esbuild ${file} --bundle --platform=node --format=esm --outfile=${join(dir, "g.mjs")}`;
    expect(await load(await oldNode(), ["g.ts", "h.mjs"])).toEqual([said, said]);
  });
});
