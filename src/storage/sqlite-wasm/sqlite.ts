import { closeSync, existsSync, openSync, readSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Engine, startEngine } from "./engine.ts";
import { createStatement, type Statement, withText } from "./statement.ts";
import { createFiles, READ_ONLY } from "./vfs.ts";

/** The part of node:sqlite's DatabaseSync that the adapter uses. */
export type Database = {
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
};

const OK = 0;
/** https://sqlite.org/c3ref/c_open_autoproxy.html */
const OPEN = { readWrite: 0x2, create: 0x4 };
/** Length of a zero-terminated text, which SQLite finds itself. */
const WHOLE = -1;

let engine: Engine | undefined;

/**
 * `new DatabaseSync(path, { readOnly })` of node:sqlite, for a runtime without that: the build for armv7 replaces node:sqlite with
 * this module. Same functions, rows and errors.
 *
 * Read-only: changes no file, not even to recover after a process was killed. A URL is used as its path: its parameter `immutable`
 * is ignored, since another process may be writing.
 */
export function DatabaseSync(path: string | URL, { readOnly = false } = {}): Database {
  engine ??= startEngine(createFiles);
  const sqlite = engine;
  const file = path instanceof URL ? fileURLToPath(path) : path;
  const statements = new Set<number>();
  const cell = sqlite.malloc(4);
  const opened = withText(sqlite, readOnly ? READ_ONLY + file : file, (name) =>
    sqlite.open_v2(name, cell, readOnly ? OPEN.readWrite : OPEN.readWrite | OPEN.create, 0),
  );
  const database = sqlite.memory().readInt32LE(cell);

  function check(code: number): void {
    if (code === OK) return;
    const error = new Error(sqlite.text(sqlite.errmsg(database)));
    throw Object.assign(error, { code: "ERR_SQLITE_ERROR", errcode: code });
  }

  function exec(sql: string): void {
    withText(sqlite, sql, (text) => check(sqlite.exec(database, text, 0, 0, 0)));
  }

  function prepare(sql: string): Statement {
    withText(sqlite, sql, (text) => check(sqlite.prepare_v2(database, text, WHOLE, cell, 0)));
    const pointer = sqlite.memory().readInt32LE(cell);
    statements.add(pointer);
    return createStatement(sqlite, database, pointer, check);
  }

  function close(): void {
    for (const statement of statements) sqlite.finalize(statement);
    statements.clear();
    sqlite.close_v2(database);
    sqlite.free(cell);
  }

  try {
    check(opened);
    if (file !== ":memory:") exec(journal(file, readOnly));
  } catch (error) {
    close();
    throw error;
  }
  return { exec, prepare, close };
}

/**
 * Makes commits durable. Write-ahead logging needs shared memory, which these files do not provide, so a rollback journal is
 * used, and `PRAGMA journal_mode = WAL` has no effect. PERSIST overwrites the journal in place, so that the file system writes
 * neither a directory nor a file size for each commit.
 *
 * A database in WAL mode comes from a 64-bit executable. With locking_mode = EXCLUSIVE it can be used without shared memory: to
 * read it, or to leave that mode, which moves the content of its -wal file into the database. The next read ends that lock.
 */
function journal(file: string, readOnly: boolean): string {
  const isInWal = isInWalMode(file);
  if (readOnly) return `PRAGMA query_only = ON; ${isInWal ? "PRAGMA locking_mode = EXCLUSIVE" : ""}`;
  if (!isInWal) return "PRAGMA journal_mode = PERSIST";
  return `
    PRAGMA locking_mode = EXCLUSIVE;
    PRAGMA journal_mode = PERSIST;
    PRAGMA locking_mode = NORMAL;
    SELECT count(*) FROM sqlite_schema;
  `;
}

/** True with a -wal file, or by bytes 18 and 19 of the header: https://sqlite.org/fileformat2.html#file_format_version_numbers. */
function isInWalMode(file: string): boolean {
  if (existsSync(`${file}-wal`)) return true;
  const fd = openSync(file, "r");
  try {
    const versions = new Uint8Array(2);
    readSync(fd, versions, 0, 2, 18);
    return versions[0] === 2 && versions[1] === 2;
  } finally {
    closeSync(fd);
  }
}
