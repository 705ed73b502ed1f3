import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  copyFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync as Native } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { type Database, DatabaseSync } from "../../../src/storage/sqlite-wasm/sqlite.ts";

// A compiled SQLite on a machine that does other things, too.
setDefaultTimeout(60_000);

let dir: string;
let path: string;
let databases: Database[];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "chouette-wasm-"));
  path = join(dir, "a.db");
  writeFileSync(path, "");
  databases = [];
});
afterEach(() => {
  for (const database of databases) database.close();
  rmSync(dir, { recursive: true });
});

function open(file: string | URL = path, options?: { readOnly?: boolean }): Database {
  // Called as the adapter calls that of node:sqlite.
  const database = new (
    DatabaseSync as unknown as new (
      ...args: Parameters<typeof DatabaseSync>
    ) => Database
  )(file, options);
  databases.push(database);
  return database;
}

const VALUES = [0, -1, 2 ** 53 - 1, -(2 ** 53 - 1), 0.1, -1e-300, 1e300, Number.MAX_VALUE, Number.MIN_VALUE];

describe("the interface of node:sqlite", () => {
  test("rows, parameters and results are the same", () => {
    const answers = [open(":memory:"), new Native(":memory:")].map((database) => {
      database.exec("CREATE TABLE t (i INTEGER, r REAL, s TEXT) STRICT");
      const add = database.prepare("INSERT INTO t VALUES (?, ?, ?)");
      const written = VALUES.map((value) =>
        add.run(Number.isSafeInteger(value) ? value : null, value, `${value}`),
      );
      written.push(
        add.run(5, Number.POSITIVE_INFINITY, ""),
        add.run(6, 7, "\0 ü 🙂 \ud800"),
        add.run(8n, null, null),
      );
      const all = database.prepare("SELECT * FROM t WHERE i > ? OR i IS NULL ORDER BY rowid LIMIT ?");
      const one = database.prepare("SELECT count(*) AS count, sum(r) AS sum FROM t WHERE r < ?");
      return JSON.stringify({
        written,
        all: all.all(-2, 100),
        some: [...(all.iterate(-2, 3) as Iterable<unknown>)],
        one: one.get(1),
        none: database.prepare("SELECT 1 WHERE 0").get() === undefined,
      });
    });
    expect(answers[0]).toBe(answers[1] ?? "");
  });

  test("an integer beyond JavaScript's is an error, not another number", () => {
    const statement = open().prepare("SELECT 9007199254740993 AS i");
    expect(() => statement.get()).toThrow(RangeError);
  });

  test.each([
    ["a mistake", 1, (database: Database) => database.exec("SELEC")],
    [
      "a rule that is broken",
      19,
      (database: Database) => database.exec("CREATE TABLE t (a UNIQUE); INSERT INTO t VALUES (1), (1)"),
    ],
    [
      "no database",
      26,
      (database: Database) => {
        writeFileSync(path, "This is a text. ".repeat(100));
        database.exec("SELECT * FROM sqlite_schema");
      },
    ],
  ])("%s is an error with SQLite's code", (_, errcode, action) => {
    const database = open();
    expect(() => action(database)).toThrow(expect.objectContaining({ code: "ERR_SQLITE_ERROR", errcode }));
  });

  test("a statement that has failed works again", () => {
    const database = open();
    database.exec("CREATE TABLE t (a UNIQUE)");
    const add = database.prepare("INSERT INTO t VALUES (?)");
    add.run(1);
    expect(() => add.run(1)).toThrow();
    expect(add.run(2)).toEqual({ changes: 1, lastInsertRowid: 2 });
  });
});

const ROWS = 2000;
const WHOLE = "SELECT substr(body, 1, 6) AS word, count(*) AS count FROM t GROUP BY word";

/** A transaction that is larger than SQLite's memory, so that part of it is in the database already; not committed. */
function halfDone(database: Database): void {
  database.exec("CREATE TABLE t (body TEXT); BEGIN");
  const add = database.prepare("INSERT INTO t VALUES (?)");
  for (let i = 0; i < ROWS; i++) add.run(`before${"x".repeat(2000)}`);
  database.exec("COMMIT; BEGIN; UPDATE t SET body = 'half..' || substr(body, 7)");
}

describe("a commit interrupted by a power cut", () => {
  beforeEach(() => {
    const database = open();
    halfDone(database);
    for (const name of ["a.db", "a.db-journal"])
      copyFileSync(join(dir, name), join(dir, name.replace("a", "b")));
    expect(readFileSync(join(dir, "b.db")).includes("half..")).toBe(true);
  });

  test("is rolled back by the next writer", () => {
    const database = open(join(dir, "b.db"));
    expect(database.prepare(WHOLE).all()).toEqual([{ word: "before", count: ROWS }]);
    expect(readFileSync(join(dir, "b.db")).includes("half..")).toBe(false);
  });

  test.each([
    ["a path", () => join(dir, "b.db")],
    ["a URL that says immutable", () => new URL(`${pathToFileURL(join(dir, "b.db"))}?immutable=1`)],
  ])("is ignored by a read-only connection, %s, and stays", (_, file) => {
    const contents = () =>
      readdirSync(dir)
        .sort()
        .map((name) => [name, name.startsWith("b") && readFileSync(join(dir, name)).toString("base64")]);
    const before = contents();
    const database = open(file(), { readOnly: true });
    const statement = database.prepare(WHOLE);
    const whole = [{ word: "before", count: ROWS }];
    expect([statement.all(), statement.all()]).toEqual([whole, whole]);
    expect(() => database.exec("DELETE FROM t")).toThrow(expect.objectContaining({ errcode: 8 }));
    expect(contents()).toEqual(before);
  });
});

describe("a database in WAL mode, of an executable for 64 bit", () => {
  /** What is only in the -wal file too, as after a crash or on a card that was pulled out. */
  function create(): void {
    const native = new Native(path);
    native.exec("PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (1)");
    cpSync(path, join(dir, "b.db"));
    cpSync(`${path}-wal`, join(dir, "b.db-wal"));
    native.close();
    path = join(dir, "b.db");
  }

  test("is read", () => {
    create();
    const before = readFileSync(path);
    const database = open(path, { readOnly: true });
    expect(database.prepare("SELECT a FROM t").all()).toEqual([{ a: 1 }]);
    database.close();
    databases.pop();
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(readdirSync(dir).filter((name) => name.startsWith("b"))).toEqual(["b.db", "b.db-wal"]);
  });

  test("gets a rollback journal without loss, can be used by others at once, and back again", () => {
    create();
    const [one, other] = [open(), open()];
    one.exec("INSERT INTO t VALUES (2)");
    other.exec("INSERT INTO t VALUES (3)");
    expect(one.prepare("PRAGMA journal_mode").get()).toEqual({ journal_mode: "persist" });
    one.exec("PRAGMA journal_mode = WAL");
    expect(one.prepare("SELECT a FROM t").all()).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }]);
    expect(
      readdirSync(dir)
        .filter((name) => name.startsWith("b"))
        .sort(),
    ).toEqual(["b.db", "b.db-journal", "b.db-lock"]);
    const native = new Native(path);
    native.exec("PRAGMA journal_mode = WAL; INSERT INTO t VALUES (4)");
    expect(native.prepare("SELECT count(*) AS count FROM t").get()).toEqual({ count: 4 });
    native.close();
    expect(open().prepare("SELECT count(*) AS count FROM t").get()).toEqual({ count: 4 });
  });
});

test("a renamed database is damaged for a process that has it open, and leaves no journal beside its successor", () => {
  const database = open();
  database.exec("CREATE TABLE t (a)");
  renameSync(path, join(dir, "aside.db"));
  writeFileSync(path, "");
  expect(() => database.exec("INSERT INTO t VALUES (1)")).toThrow(expect.objectContaining({ errcode: 11 }));
});
