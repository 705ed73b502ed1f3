import type { DatabaseSync } from "node:sqlite";

/** Adds a number to the note that has one. */
export const ADD_TO_NOTE = `INSERT INTO note (name, text) VALUES (?, ?)
  ON CONFLICT (name) DO UPDATE SET text = CAST(text AS INTEGER) + CAST(excluded.text AS INTEGER)`;

/** The columns of a record, in the order in which `add` takes them. */
export const COLUMNS = "queue, at, key, weight, bytes, sum, body";

export type Statements = ReturnType<typeof prepareStatements>;

/** The database with every statement of the adapter prepared. */
export function prepareStatements(database: DatabaseSync) {
  const prepare = (sql: string) => database.prepare(sql);
  // The CASE keeps a value that is too long from being read at all.
  const columns = "key, at, weight, bytes, sum, CASE WHEN bytes <= ? THEN body END AS body";
  return {
    database,
    add: prepare(`INSERT OR REPLACE INTO stored (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)`),
    remove: prepare("DELETE FROM stored WHERE queue = ? AND key = ?"),
    peek: prepare(`SELECT ${columns} FROM stored
      WHERE queue = ? AND at >= ? AND at < ? AND (at > ? OR key > ?) ORDER BY at, key LIMIT ?`),
    peekNewest: prepare(`SELECT ${columns} FROM stored
      WHERE queue = ? AND at >= ? AND at < ? ORDER BY at DESC, key DESC LIMIT ?`),
    old: prepare("SELECT key, weight FROM stored WHERE queue = ? AND at < ? ORDER BY at, key LIMIT ?"),
    excess: prepare("SELECT key FROM stored WHERE queue = ? ORDER BY at DESC, key DESC LIMIT -1 OFFSET ?"),
    has: prepare("SELECT 1 FROM stored WHERE queue = ? AND key = ?"),
    count: prepare("SELECT count(*) AS count FROM stored WHERE queue = ?"),
    countRange: prepare("SELECT count(*) AS count FROM stored WHERE queue = ? AND at >= ? AND at < ?"),
    weight: prepare("SELECT total(weight) AS weight FROM stored WHERE queue = ?"),
    weightRange: prepare("SELECT total(weight) AS weight FROM stored WHERE queue = ? AND at >= ? AND at < ?"),
    ends: prepare(`SELECT (SELECT min(at) FROM stored WHERE queue = ?) AS oldest,
      (SELECT max(at) FROM stored WHERE queue = ?) AS newest`),
    addStamp: prepare("INSERT OR IGNORE INTO stamp (second) VALUES (?)"),
    stamps: prepare("SELECT second FROM stamp WHERE second >= ? AND second < ? ORDER BY second"),
    removeStamps: prepare(
      "DELETE FROM stamp WHERE second <= (SELECT second FROM stamp ORDER BY second DESC LIMIT 1 OFFSET ?)",
    ),
    writeNote: prepare("INSERT OR REPLACE INTO note (name, text) VALUES (?, ?)"),
    addToNote: prepare(ADD_TO_NOTE),
    note: prepare("SELECT text FROM note WHERE name = ?"),
    notes: prepare("SELECT name, text FROM note WHERE substr(name, 1, length(?)) = ? ORDER BY name"),
    lease: prepare("SELECT owner, seconds, until FROM lease WHERE name = ?"),
    writeLease: prepare("INSERT OR REPLACE INTO lease (name, owner, seconds, until) VALUES (?, ?, ?, ?)"),
    removeLease: prepare("DELETE FROM lease WHERE name = ? AND owner = ?"),
    freePages: prepare(
      "SELECT freelist_count * page_size AS bytes FROM pragma_freelist_count, pragma_page_size",
    ),
    pages: prepare(`SELECT (page_count - freelist_count) * page_size AS bytes
      FROM pragma_page_count, pragma_freelist_count, pragma_page_size`),
  };
}

/** IMMEDIATE: the lock for writing is waited for here, not in the middle. */
export function transaction<T>({ database }: Statements, work: () => T): T {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    try {
      database.exec("ROLLBACK");
    } catch {
      // After some errors (disk full, I/O) SQLite has rolled back already and says that there is no transaction.
    }
    throw error;
  }
}
