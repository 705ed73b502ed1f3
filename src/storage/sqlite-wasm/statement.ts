import { Buffer } from "node:buffer";
import type { Engine } from "./engine.ts";

/** The part of node:sqlite's StatementSync that the adapter uses. */
export type Statement = {
  get(...values: readonly Value[]): Row | undefined;
  all(...values: readonly Value[]): Row[];
  iterate(...values: readonly Value[]): Generator<Row, void>;
  run(...values: readonly Value[]): { changes: number; lastInsertRowid: number };
};

export type Value = string | number | bigint | Uint8Array | null;
export type Row = Record<string, string | number | Uint8Array | null>;

/** https://sqlite.org/rescode.html, https://sqlite.org/c3ref/c_blob.html */
const [ROW, DONE] = [100, 101] as const;
const [INTEGER, FLOAT, TEXT, BLOB] = [1, 2, 3, 4] as const;
/** Makes SQLite copy a text or a blob. */
const TRANSIENT = -1;

/** Wraps the prepared statement at `pointer`. `check` throws when a result code is not SQLITE_OK. */
export function createStatement(
  sqlite: Engine,
  database: number,
  pointer: number,
  check: (code: number) => void,
): Statement {
  /** Yields the rows; always resets the statement in the end, which holds the lock of the database until then. */
  function* iterate(...values: readonly Value[]): Generator<Row, void> {
    try {
      values.forEach((value, i) => {
        check(bind(i + 1, value));
      });
      let names: string[] | undefined;
      for (let code = sqlite.step(pointer); code !== DONE; code = sqlite.step(pointer)) {
        if (code !== ROW) check(code);
        names ??= Array.from({ length: sqlite.column_count(pointer) }, (_, i) =>
          sqlite.text(sqlite.column_name(pointer, i)),
        );
        yield Object.fromEntries(names.map((name, i) => [name, column(i)]));
      }
    } finally {
      // The code repeats that of the last step, which was already thrown.
      sqlite.reset(pointer);
      sqlite.clear_bindings(pointer);
    }
  }

  /** Binds numbers as doubles, like node:sqlite; an integer column converts them back. */
  function bind(at: number, value: Value): number {
    if (value === null) return sqlite.bind_null(pointer, at);
    if (typeof value === "number") return sqlite.bind_double(pointer, at, value);
    if (typeof value === "bigint") return sqlite.bind_int64(pointer, at, value);
    if (typeof value !== "string")
      return withBytes(sqlite, value, (blob) =>
        sqlite.bind_blob(pointer, at, blob, value.byteLength, TRANSIENT),
      );
    return withText(sqlite, value, (text, bytes) => sqlite.bind_text(pointer, at, text, bytes, TRANSIENT));
  }

  function column(i: number): string | number | Uint8Array | null {
    switch (sqlite.column_type(pointer, i)) {
      case INTEGER:
        return exactNumber(sqlite.column_int64(pointer, i));
      case FLOAT:
        return sqlite.column_double(pointer, i);
      case TEXT: {
        const text = sqlite.column_text(pointer, i);
        return sqlite.memory().toString("utf8", text, text + sqlite.column_bytes(pointer, i));
      }
      case BLOB: {
        // A copy: the engine's memory is another one at its next step.
        const blob = sqlite.column_blob(pointer, i);
        return new Uint8Array(sqlite.memory().subarray(blob, blob + sqlite.column_bytes(pointer, i)));
      }
      default:
        return null;
    }
  }

  return {
    iterate,
    all: (...values) => [...iterate(...values)],
    get: (...values) => {
      for (const row of iterate(...values)) return row;
      return undefined;
    },
    run: (...values) => {
      for (const _ of iterate(...values));
      return {
        changes: sqlite.changes(database),
        lastInsertRowid: exactNumber(sqlite.last_insert_rowid(database)),
      };
    },
  };
}

/** Calls `call` with a zero-terminated copy of the text in the engine's memory and its length in bytes. */
export function withText<T>(sqlite: Engine, text: string, call: (pointer: number, bytes: number) => T): T {
  const bytes = Buffer.byteLength(text);
  const pointer = sqlite.malloc(bytes + 1);
  if (pointer === 0) throw new Error("SQLite has no memory left.");
  try {
    sqlite.memory().write(text, pointer);
    sqlite.memory()[pointer + bytes] = 0;
    return call(pointer, bytes);
  } finally {
    sqlite.free(pointer);
  }
}

/** Calls with a copy of the bytes in the engine's memory. */
function withBytes<T>(sqlite: Engine, bytes: Uint8Array, call: (pointer: number) => T): T {
  const pointer = sqlite.malloc(bytes.byteLength + 1);
  if (pointer === 0) throw new Error("SQLite has no memory left.");
  try {
    sqlite.memory().set(bytes, pointer);
    return call(pointer);
  } finally {
    sqlite.free(pointer);
  }
}

/** Converts an integer, and throws like node:sqlite when a double cannot hold it. */
function exactNumber(integer: bigint): number {
  const number = Number(integer);
  if (!Number.isSafeInteger(number))
    throw new RangeError(`The integer ${integer} cannot be represented as a JavaScript number.`);
  return number;
}
