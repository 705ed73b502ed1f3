import { expect, test } from "bun:test";
import { openSqlite } from "../../src/storage/sqlite/sqlite.ts";
import { testStorage } from "./contract.ts";
import { fates, type Rig } from "./rig.ts";

testStorage("sqlite in memory", async (): Promise<Rig> => {
  let now = 1_700_000_000;
  const { gone, alive, fateOf } = fates();
  const deps = { now: () => now, fateOf, warn: () => {} };
  const storage = openSqlite(":memory:", deps);
  return {
    storage,
    gone,
    alive,
    elapse: async (seconds) => {
      now += seconds;
    },
    close: () => storage.close(),
  };
});

test("only the first of two processes that acquire a lease at the same moment gets it", async () => {
  for (let n = 0; n < 1000; n++) {
    const now = () => 1_795_360_750 + n / 1000;
    const storage = openSqlite(":memory:", { now, fateOf: () => "unknown" as const, warn: () => {} });
    await storage.acquire({ name: "x", owner: "one" }, 90);
    expect(await storage.acquire({ name: "x", owner: "two" }, 90)).toBe("one");
    await storage.close();
  }
});
