import { BUNDLE, bundledPackages } from "./bundle.ts";
import { wasmSqlite } from "./wasm-sqlite.ts";

/**
 * Keeps the space of young objects at its first size, 1 MB. [measured] Otherwise V8 lets it grow to 32 MB while many objects live for
 * seconds, as those of a window do; the CPU for a line of DogStatsD is the same. It works when it is set at run time only.
 */
export const V8_FLAG = "--semi-space-growth-factor=1";

/** The program as one CommonJS text for a Node without node:sqlite, and the names of the packages in it. */
export async function bundleForNode(): Promise<{ program: string; packages: Set<string> }> {
  const output = await Bun.build({ ...BUNDLE, target: "node", format: "cjs", plugins: [wasmSqlite] });
  const [main] = output.outputs;
  if (main === undefined || output.outputs.length > 1)
    throw new Error("the bundle for Node is not one file: a single executable has no others beside it");
  const first = `require("node:v8").setFlagsFromString("${V8_FLAG}");\n`;
  return { program: first + (await main.text()), packages: bundledPackages(output) };
}
