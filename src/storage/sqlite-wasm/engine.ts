import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import wasm from "node-sqlite3-wasm/dist/node-sqlite3-wasm.wasm" with { type: "file" };

/** The compiled SQLite: its C functions (https://sqlite.org/c3ref/funclist.html) and its memory. */
export type Engine = ReturnType<typeof callable> & {
  /** The current memory; it may grow, so a view of it must not be kept. */
  memory(): Buffer;
  /** Reads the zero-terminated text at `pointer`; "" at 0. */
  text(pointer: number): string;
};

/** The file operations that src/vfs.c of node-sqlite3-wasm calls, with pointers and result codes. */
export type FileFunctions = Readonly<
  Record<(typeof FILE_FUNCTIONS)[number], (...args: never[]) => number | bigint>
>;

/**
 * The exports of the npm package node-sqlite3-wasm, SQLite compiled to WebAssembly. Its own JavaScript is not used: its lock
 * outlives a killed process, so that SQLite would take a leftover journal for one in use and leave half a commit in the database.
 */
export const EXPORTS = {
  start: "z",
  memory: "y",
  finalize: "A",
  reset: "B",
  clear_bindings: "C",
  step: "R",
  column_count: "S",
  column_blob: "T",
  column_bytes: "U",
  column_double: "V",
  column_int64: "W",
  column_text: "X",
  column_type: "Y",
  column_name: "Z",
  bind_blob: "$",
  bind_double: "ba",
  bind_int64: "da",
  bind_null: "ea",
  bind_text: "fa",
  exec: "ha",
  prepare_v2: "ia",
  errmsg: "ja",
  last_insert_rowid: "ka",
  changes: "la",
  close_v2: "ma",
  open_v2: "oa",
  malloc: "qa",
  free: "ra",
} as const;

const FILE_FUNCTIONS = [
  "nodejsAccess",
  "nodejsCheckReservedLock",
  "nodejsClose",
  "nodejsDelete",
  "nodejsFileSize",
  "nodejsFullPathname",
  "nodejsLock",
  "nodejsRandomness",
  "nodejsRead",
  "nodejsSync",
  "nodejsTruncate",
  "nodejsUnlock",
  "nodejsWrite",
  "nodejs_max_path_length",
  "nodejs_open",
] as const;

export const IMPORTS = {
  nodejsAccess: "w",
  nodejsCheckReservedLock: "s",
  nodejsClose: "f",
  nodejsDelete: "x",
  nodejsFileSize: "v",
  nodejsFullPathname: "m",
  nodejsLock: "u",
  nodejsRandomness: "h",
  nodejsRead: "e",
  nodejsSync: "b",
  nodejsTruncate: "c",
  nodejsUnlock: "t",
  nodejsWrite: "d",
  nodejs_max_path_length: "g",
  nodejs_open: "r",
  // The C library: memory, time (which none of our statements uses), and exit.
  _emscripten_resize_heap: "j",
  _emscripten_get_now: "a",
  _emscripten_date_now: "q",
  __localtime_js: "o",
  __tzset_js: "p",
  __setitimer_js: "i",
  __emscripten_runtime_keepalive_clear: "l",
  _proc_exit: "k",
  __abort_js: "n",
} as const;

const PAGE = 65_536;

/** Starts an engine on these files. The import is a path when run from source; the build replaces it with the bytes. */
export function startEngine(files: (memory: () => Buffer) => FileFunctions): Engine {
  const bytes = wasm.startsWith("data:")
    ? Buffer.from(wasm.slice(wasm.indexOf(",") + 1), "base64")
    : readFileSync(wasm);
  // [measured] V8's optimizing compiler saves 15 % of the CPU of a drain and costs 60 MB of memory.
  setFlagsFromString("--liftoff-only");
  let view = Buffer.alloc(0);
  const memory = () => {
    const { buffer } = exported.memory as WebAssembly.Memory;
    if (view.buffer !== buffer) view = Buffer.from(buffer);
    return view;
  };
  const given = { ...files(memory), ...runtime(() => exported.memory as WebAssembly.Memory) };
  const imported = Object.entries(IMPORTS).map(([name, short]) => [short, given[name as keyof typeof given]]);
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
    a: Object.fromEntries(imported),
  });
  const exported = Object.fromEntries(
    Object.entries(EXPORTS).map(([name, short]) => [name, instance.exports[short]]),
  );
  const functions = callable(exported);
  functions.start();
  const text = (pointer: number) => {
    if (pointer === 0) return "";
    const heap = memory();
    return heap.toString("utf8", pointer, heap.indexOf(0, pointer));
  };
  return { ...functions, memory, text };
}

/** Numbers are pointers, lengths and result codes. */
function callable(exported: Record<string, unknown>) {
  type Numbers<N extends number[]> = (...args: N) => number;
  return exported as {
    start(): void;
    malloc: Numbers<[bytes: number]>;
    free(pointer: number): void;
    open_v2: Numbers<[path: number, database: number, flags: number, vfs: number]>;
    close_v2: Numbers<[database: number]>;
    exec: Numbers<[database: number, sql: number, callback: 0, argument: 0, message: 0]>;
    errmsg: Numbers<[database: number]>;
    changes: Numbers<[database: number]>;
    last_insert_rowid(database: number): bigint;
    prepare_v2: Numbers<[database: number, sql: number, bytes: number, statement: number, tail: 0]>;
    finalize: Numbers<[statement: number]>;
    reset: Numbers<[statement: number]>;
    clear_bindings: Numbers<[statement: number]>;
    step: Numbers<[statement: number]>;
    bind_null: Numbers<[statement: number, at: number]>;
    bind_double: Numbers<[statement: number, at: number, value: number]>;
    bind_int64(statement: number, at: number, value: bigint): number;
    bind_text: Numbers<[statement: number, at: number, text: number, bytes: number, destructor: number]>;
    bind_blob: Numbers<[statement: number, at: number, blob: number, bytes: number, destructor: number]>;
    column_count: Numbers<[statement: number]>;
    column_name: Numbers<[statement: number, column: number]>;
    column_type: Numbers<[statement: number, column: number]>;
    column_double: Numbers<[statement: number, column: number]>;
    column_int64(statement: number, column: number): bigint;
    column_text: Numbers<[statement: number, column: number]>;
    column_blob: Numbers<[statement: number, column: number]>;
    column_bytes: Numbers<[statement: number, column: number]>;
  };
}

function runtime(memory: () => WebAssembly.Memory) {
  const end = (): never => {
    throw new Error("SQLite has ended itself.");
  };
  return {
    _emscripten_resize_heap: (wanted: number) => {
      try {
        memory().grow(Math.ceil(((wanted >>> 0) - memory().buffer.byteLength) / PAGE));
        return 1;
      } catch {
        return 0; // SQLITE_NOMEM
      }
    },
    _emscripten_get_now: () => 0,
    _emscripten_date_now: () => 0,
    __localtime_js: () => 1,
    __tzset_js: () => {},
    __setitimer_js: () => 0,
    __emscripten_runtime_keepalive_clear: () => {},
    _proc_exit: end,
    __abort_js: end,
  };
}
