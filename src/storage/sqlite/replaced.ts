import { statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";

/** Returns what tells the file at this path from any other while it is open; undefined: there is none. */
export function identityOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}

/**
 * Copies everything from a database whose file was removed or replaced, and which lives on only because it is open, into the one
 * that is at its path now. Returns how many records it had; undefined when they cannot be copied, as in WebAssembly, whose lock is
 * gone with the file.
 */
export function carryOver(old: DatabaseSync, path: string): number | undefined {
  try {
    old.prepare("ATTACH ? AS fresh").run(path);
    old.exec("BEGIN IMMEDIATE");
    for (const table of ["stored", "stamp", "note", "lease"])
      old.exec(`INSERT OR IGNORE INTO fresh.${table} SELECT * FROM main.${table}`);
    const found = old.prepare("SELECT count(*) AS count FROM main.stored").get();
    old.exec("COMMIT");
    return Number(found?.count);
  } catch {
    // Closing the database undoes what was copied.
    return undefined;
  }
}
