import type { DatabaseSync } from "node:sqlite";
import { COLUMNS } from "./statements.ts";
import { storedBody } from "./stored-body.ts";

/** Records moved in one transaction, so that a large queue neither fills the memory nor the -wal file. */
const STEP = 2000;

/**
 * Moves the records of a database that Chouette 0.1.0 wrote (table `record`, bodies as text) into the table of today, step by
 * step: a power cut in between leaves each record in one of the two. The empty table goes, and 0.1.0 would make it again.
 */
export function takeOver(database: DatabaseSync, deflate: boolean): void {
  if (!hasTable(database, "record")) return;
  const first = database.prepare(
    `SELECT queue, at, key, body FROM record ORDER BY queue, at, key LIMIT ${STEP}`,
  );
  const add = database.prepare(`INSERT OR IGNORE INTO stored (${COLUMNS}) VALUES (?, ?, ?, 1, ?, ?, ?)`);
  const remove = database.prepare("DELETE FROM record WHERE queue = ? AND at = ? AND key = ?");
  for (let moved = STEP; moved === STEP; ) {
    database.exec("BEGIN IMMEDIATE");
    const rows = first.all() as { queue: number; at: number; key: string; body: string }[];
    for (const { queue, at, key, body } of rows) {
      const stored = storedBody(body, deflate);
      add.run(queue, at, key, stored.bytes, stored.sum, stored.body);
      remove.run(queue, at, key);
    }
    database.exec("COMMIT");
    moved = rows.length;
  }
  database.exec("DROP TABLE IF EXISTS record");
}

/** Tells whether the database has a table of this name. */
export function hasTable(database: DatabaseSync, name: string): boolean {
  return (
    database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(name) !== undefined
  );
}
