import { resolve } from "node:path";
import { brotliCompressSync } from "node:zlib";
import type { BunPlugin } from "bun";
import { BUNDLE, bundledPackages } from "./bundle.ts";

/** The program as one CommonJS text for a Node without node:sqlite, and the names of the packages in it. */
export async function bundleForNode(): Promise<{ program: string; packages: Set<string> }> {
  const output = await Bun.build({
    ...BUNDLE,
    target: "node",
    format: "cjs",
    plugins: [wasmSqlite],
  });
  const [main] = output.outputs;
  if (main === undefined || output.outputs.length > 1)
    throw new Error("the bundle for Node is not one file: a single executable has no others");
  return { program: await main.text(), packages: bundledPackages(output) };
}

/** SQLite in WebAssembly in place of node:sqlite; its .wasm, which it reads from beside itself, in the bundle. */
const wasmSqlite: BunPlugin = {
  name: "wasm-sqlite",
  setup(build) {
    build.onResolve({ filter: /^node:sqlite$/ }, () => ({ path: resolve("src/storage/wasm-sqlite.ts") }));
    build.onLoad({ filter: /node-sqlite3-wasm\.js$/ }, async ({ path }) => ({
      contents: inlineWasm(await Bun.file(path).text(), await Bun.file(path.replace(/js$/, "wasm")).bytes()),
    }));
  },
};

/**
 * node-sqlite3-wasm.js with the bytes in the one function that gets them (emscripten's `getBinarySync`). Compressed, because
 * the text of the bundle stays in memory, and this is more than half of it: 1.28 MB become 0.6.
 */
function inlineWasm(script: string, wasm: Uint8Array): string {
  const before = "function getBinarySync(file){";
  const bytes = `Buffer.from("${brotliCompressSync(wasm).toString("base64")}","base64")`;
  if (script.split(before).length !== 2) throw new Error(`node-sqlite3-wasm.js has no ${before}`);
  return script.replace(before, `${before}return require("node:zlib").brotliDecompressSync(${bytes});`);
}
