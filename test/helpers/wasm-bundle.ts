import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import type { BunPlugin } from "bun";
import { wasmSqlite } from "../../scripts/build/wasm-sqlite.ts";
import type { openSqlite } from "../../src/storage/sqlite.ts";

const SRC = resolve(import.meta.dir, "../../src");

const made = new Map<string, Promise<string>>();
let folder: string | undefined;

/** The adapter of the embedded storage on WebAssembly; its errors are those of src/errors.ts. */
export async function wasmAdapter(): Promise<{ openSqlite: typeof openSqlite }> {
  return import(await bundle(join(SRC, "storage/sqlite.ts"), "esm", [wasmSqlite, commonErrors]));
}

/**
 * The path of this program as a Node without node:sqlite can run it, in one file. "cjs": as it is in the executable for armv7;
 * "esm" where it awaits something at its top.
 */
export function wasmBundle(entry: string, format: "esm" | "cjs"): Promise<string> {
  const path = made.get(entry) ?? bundle(entry, format, [wasmSqlite]);
  made.set(entry, path);
  return path;
}

/** The agent under the Node of this machine: the same text as in the executable for armv7, at the speed of this machine. */
export async function nodeAgent(): Promise<string[]> {
  return ["node", await wasmBundle(join(SRC, "main.ts"), "cjs")];
}

async function bundle(entry: string, format: "esm" | "cjs", plugins: BunPlugin[]): Promise<string> {
  const name = `${basename(entry, ".ts")}.${format === "esm" ? "mjs" : "cjs"}`;
  folder ??= temporaryFolder();
  await Bun.build({ entrypoints: [entry], target: "node", format, outdir: folder, naming: name, plugins });
  return join(folder, name);
}

const commonErrors: BunPlugin = {
  name: "common errors",
  setup(build) {
    build.onResolve({ filter: /\/errors\.ts$/ }, () => ({ path: join(SRC, "errors.ts"), external: true }));
  },
};

function temporaryFolder(): string {
  const path = mkdtempSync(join(tmpdir(), "chouette-wasm-"));
  process.on("exit", () => rmSync(path, { recursive: true, force: true }));
  return path;
}
