import { join, resolve } from "node:path";
import { openSqlite } from "../../src/storage/sqlite.ts";
import { wasmBundle } from "../helpers/wasm-bundle.ts";

const PROGRAMS = join(import.meta.dir, "programs");
const ADAPTER = resolve(import.meta.dir, "../../src/storage/sqlite.ts");

/** The two SQLites behind the one adapter. */
export type Backend = {
  name: string;
  openSqlite: typeof openSqlite;
  /** The words that run a program of programs/ with it. */
  program(name: string): Promise<[command: string, ...words: string[]]>;
  /** What follows the name of the database in its directory: while it is in use, and when it is closed. */
  inUse: readonly string[];
  closed: readonly string[];
};

/** node:sqlite, and WebAssembly as it is built for a Node without that; its programs run in such a Node. */
export const BACKENDS: readonly Backend[] = [
  {
    name: "node:sqlite",
    openSqlite,
    program: async (name) => [process.execPath, join(PROGRAMS, name)],
    inUse: ["", "-shm", "-wal"],
    closed: [""],
  },
  {
    name: "WebAssembly",
    openSqlite: ((await import(await wasmBundle(ADAPTER, "esm"))) as { openSqlite: typeof openSqlite })
      .openSqlite,
    program: async (name) => ["node", await wasmBundle(join(PROGRAMS, name), "esm")],
    inUse: ["", "-journal", "-lock"],
    closed: ["", "-journal", "-lock"],
  },
];
