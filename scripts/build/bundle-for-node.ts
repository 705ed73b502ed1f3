import { BUNDLE, bundledPackages } from "./bundle.ts";
import { wasmSqlite } from "./wasm-sqlite.ts";

/** The program as one CommonJS text for a Node without node:sqlite, and the names of the packages in it. */
export async function bundleForNode(): Promise<{ program: string; packages: Set<string> }> {
  const output = await Bun.build({ ...BUNDLE, target: "node", format: "cjs", plugins: [wasmSqlite] });
  const [main] = output.outputs;
  if (main === undefined || output.outputs.length > 1)
    throw new Error("the bundle for Node is not one file: a single executable has no others beside it");
  return { program: await main.text(), packages: bundledPackages(output) };
}
