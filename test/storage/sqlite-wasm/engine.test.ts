import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { EXPORTS, IMPORTS } from "../../../src/storage/sqlite-wasm/engine.ts";

const require = createRequire(import.meta.url);
/** The JavaScript that belongs to the WebAssembly; both are renamed by each release. */
const source = readFileSync(require.resolve("node-sqlite3-wasm"), "utf8");
const binary = readFileSync(require.resolve("node-sqlite3-wasm/dist/node-sqlite3-wasm.wasm"));

test("every function that is called has its name in the package", () => {
  const { memory, start, ...functions } = EXPORTS;
  const named = Object.keys(functions).map((name) => {
    const pattern = new RegExp(`\\b_(?:sqlite3_)?${name}=Module\\["_\\w+"\\]=wasmExports\\["([^"]+)"\\]`);
    return [name, pattern.exec(source)?.[1]];
  });
  expect(Object.fromEntries(named)).toEqual(functions);
  expect(/wasmMemory=wasmExports\["(\w+)"\]/.exec(source)?.[1]).toBe(memory);
  expect(/runtimeInitialized=true;wasmExports\["(\w+)"\]\(\)/.exec(source)?.[1]).toBe(start);
});

test("every function that SQLite calls exists under its name in the package", () => {
  const table = /var wasmImports=\{([^}]+)\}/.exec(source)?.[1] ?? "";
  const theirs = table.split(",").map((pair) => pair.split(":"));
  const ours: [string, string][] = Object.entries(IMPORTS).map(([name, short]) => [
    short,
    name.startsWith("_") ? name : `_${name}`,
  ]);
  expect(ours.sort()).toEqual(theirs.sort() as [string, string][]);
  const wanted = WebAssembly.Module.imports(new WebAssembly.Module(binary)).map(({ name }) => name);
  expect(ours.map(([short]) => short)).toEqual(wanted.sort());
});
