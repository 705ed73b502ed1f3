import { openSqlite } from "../../src/storage/sqlite.ts";
import { testStorage } from "./contract.ts";
import type { Rig } from "./rig.ts";

testStorage("sqlite in memory", async (): Promise<Rig> => {
  let now = 1_700_000_000;
  const gone = new Set<string>();
  const deps = { now: () => now, ownerIsGone: (owner: string) => gone.has(owner), warn: () => {} };
  const storage = openSqlite(":memory:", deps);
  return {
    storage,
    gone,
    elapse: async (seconds) => {
      now += seconds;
    },
    close: () => storage.close(),
  };
});
