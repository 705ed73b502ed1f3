import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import type { BunPlugin } from "bun";
import { wasmSqlite } from "../../scripts/build/wasm-sqlite.ts";
import type * as embedded from "./embedded-storage.ts";

const SRC = resolve(import.meta.dir, "../../src");
const FOLDER = resolve(import.meta.dir, "../../dist/for-node");

let adapter: Promise<string> | undefined;
const made = new Map<string, Promise<string>>();

/** The adapter of the embedded storage on WebAssembly; its errors are those of src/errors.ts. */
export async function wasmAdapter(): Promise<typeof embedded> {
  adapter ??= bundle(join(import.meta.dir, "embedded-storage.ts"), "esm", [wasmSqlite, commonErrors]);
  return import(await adapter);
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
  const path = join(FOLDER, `${basename(entry, ".ts")}.${format === "esm" ? "mjs" : "cjs"}`);
  const { outputs } = await Bun.build({ entrypoints: [entry], target: "node", format, plugins });
  mkdirSync(FOLDER, { recursive: true });
  // Other tests may be about to start what lies there.
  writeFileSync(`${path}.${process.pid}`, (await outputs[0]?.text()) ?? "");
  renameSync(`${path}.${process.pid}`, path);
  return path;
}

const commonErrors: BunPlugin = {
  name: "common errors",
  setup(build) {
    build.onResolve({ filter: /\.\.\/errors\.ts$/ }, () => ({
      path: join(SRC, "errors.ts"),
      external: true,
    }));
  },
};
