import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import type { BunPlugin } from "bun";
import { wasmSqlite } from "../../scripts/build/wasm-sqlite.ts";

const made = new Map<string, Promise<string>>();
let folder: string | undefined;

/**
 * The path of a bundle of this source with SQLite as WebAssembly, as a Node without node:sqlite needs it. "esm": its errors
 * are those of src/errors.ts, so that it can be imported by a test. "cjs": complete, as in the executable for armv7.
 */
export function wasmBundle(entry: string, format: "esm" | "cjs"): Promise<string> {
  const key = `${format} ${entry}`;
  const path = made.get(key) ?? bundle(entry, format);
  made.set(key, path);
  return path;
}

async function bundle(entry: string, format: "esm" | "cjs"): Promise<string> {
  const name = `${basename(entry, ".ts")}.${format === "esm" ? "mjs" : "cjs"}`;
  folder ??= temporaryFolder();
  await Bun.build({
    entrypoints: [entry],
    target: "node",
    format,
    outdir: folder,
    naming: name,
    plugins: format === "esm" ? [wasmSqlite, commonErrors] : [wasmSqlite],
  });
  return join(folder, name);
}

const commonErrors: BunPlugin = {
  name: "common errors",
  setup(build) {
    const path = resolve(import.meta.dir, "../../src/errors.ts");
    build.onResolve({ filter: /\/errors\.ts$/ }, () => ({ path, external: true }));
  },
};

function temporaryFolder(): string {
  const path = mkdtempSync(join(tmpdir(), "chouette-wasm-"));
  process.on("exit", () => rmSync(path, { recursive: true, force: true }));
  return path;
}
