import { resolve } from "node:path";
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

/** SQLite in WebAssembly in place of node:sqlite, and in the text of the program: there are no files beside it. */
const wasmSqlite: BunPlugin = {
  name: "wasm-sqlite",
  setup(build) {
    build.onResolve({ filter: /^node:sqlite$/ }, () => ({ path: resolve("src/storage/wasm-sqlite.ts") }));
    build.onLoad({ filter: /\.wasm$/ }, async ({ path }) => {
      const bytes = Buffer.from(await Bun.file(path).bytes());
      const url = `data:application/wasm;base64,${bytes.toString("base64")}`;
      return { loader: "js", contents: `export default ${JSON.stringify(url)}` };
    });
  },
};
