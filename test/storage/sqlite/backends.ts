import { join } from "node:path";
import { openSqlite } from "../../../src/storage/sqlite/sqlite.ts";
import { wasmAdapter, wasmBundle } from "../../helpers/wasm-bundle.ts";

const PROGRAMS = join(import.meta.dir, "../programs");

/** One implementation of SQLite behind the adapter. */
export type Backend = {
  name: string;
  openSqlite: typeof openSqlite;
  /** Returns the command that runs a program of programs/ with it. */
  program(name: string): Promise<[command: string, ...words: string[]]>;
  /** Suffixes of the files of a database: while it is in use, and when it is closed. */
  inUse: readonly string[];
  closed: readonly string[];
};

/** node:sqlite, and WebAssembly as built for a Node without that; its programs run in such a Node. */
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
    openSqlite: (await wasmAdapter()).openSqlite,
    program: async (name) => ["node", await wasmBundle(join(PROGRAMS, name), "esm")],
    inUse: ["", "-journal", "-lock"],
    closed: ["", "-journal", "-lock"],
  },
];
