import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { BunPlugin } from "bun";

const WASM_SQLITE = join(import.meta.dir, "../../src/storage/sqlite-wasm/sqlite.ts");

/** For a bundle that runs in a Node without node:sqlite: SQLite as WebAssembly takes its place, its bytes inside the bundle. */
export const wasmSqlite: BunPlugin = {
  name: "wasm-sqlite",
  setup(build) {
    build.onResolve({ filter: /^node:sqlite$/ }, () => ({ path: WASM_SQLITE }));
    build.onLoad({ filter: /\.wasm$/ }, async ({ path }) => ({
      loader: "js",
      contents: `export default "data:application/wasm;base64,${await readFile(path, "base64")}"`,
    }));
  },
};
