import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { openSqlite } from "../../../src/storage/sqlite/sqlite.ts";
import type { Storage } from "../../../src/storage/storage.ts";
import { fates, type Rig } from "../rig.ts";

/** Opens an empty database in a new directory. */
export function sqliteRig(open: typeof openSqlite): () => Promise<Rig & { another: () => Storage }> {
  return async () => {
    const dir = await mkdtemp(join(tmpdir(), "chouette-sqlite-"));
    let now = 1_700_000_000;
    const { gone, alive, fateOf } = fates();
    const deps = { now: () => now, fateOf, warn: () => {} };
    const another = () => open(join(dir, "chouette.db"), deps);
    const storage = another();
    return {
      storage,
      another,
      gone,
      alive,
      elapse: async (seconds) => {
        now += seconds;
      },
      close: async () => {
        await storage.close();
        await rm(dir, { recursive: true });
      },
    };
  };
}
