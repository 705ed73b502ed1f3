import { isDamage } from "./errors.ts";
import type { Statements } from "./statements.ts";

/** Bytes of pages in use up to which a file is rewritten, and of free ones from which that is worth it. */
const SMALL = 500_000;
const MUCH = 1_000_000;

/**
 * Gives the pages that a drained backlog left back to the file system, when nearly nothing waits: that takes no longer than writing
 * half a megabyte. What cannot be done now, as on a full disk, is tried again at the next call.
 */
export function shrink({ database, pages, freePages }: Statements): void {
  if (Number(freePages.get()?.bytes) < MUCH || Number(pages.get()?.bytes) > SMALL) return;
  try {
    // Without files beside the database, which the WebAssembly build could not lock.
    database.exec("PRAGMA temp_store = MEMORY; VACUUM; PRAGMA wal_checkpoint(TRUNCATE)");
  } catch (error) {
    if (isDamage(error)) throw error;
  }
}
