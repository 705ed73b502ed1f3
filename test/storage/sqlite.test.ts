import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqlite } from "../../src/storage/sqlite.ts";
import type { Storage } from "../../src/storage/storage.ts";
import { testSharedStorage, testStorage } from "./contract.ts";
import type { Rig } from "./rig.ts";

async function openRig(): Promise<Rig & { another: () => Storage }> {
  const dir = await mkdtemp(join(tmpdir(), "chouette-sqlite-"));
  let now = 1_700_000_000;
  const gone = new Set<string>();
  const deps = { now: () => now, ownerIsGone: (owner: string) => gone.has(owner), warn: () => {} };
  const another = () => openSqlite(join(dir, "chouette.db"), deps);
  const storage = another();
  return {
    storage,
    another,
    gone,
    elapse: async (seconds) => {
      now += seconds;
    },
    close: async () => {
      await storage.close();
      await rm(dir, { recursive: true });
    },
  };
}

testStorage("sqlite", openRig);
testSharedStorage("sqlite", openRig);
