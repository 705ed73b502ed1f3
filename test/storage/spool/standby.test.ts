import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { setTimeout } from "node:timers/promises";
import type { RedisServer } from "../../../scripts/servers/redis-server.ts";
import { readDropped } from "../../../src/storage/counts/read-dropped.ts";
import { openStandby } from "../../../src/storage/spool/standby.ts";
import { openSqlite } from "../../../src/storage/sqlite/sqlite.ts";
import { testStorage } from "../contract.ts";
import { add, fates, peekKeys, RAW, record, WRAPPED } from "../rig.ts";
import { back, cleanUp, device, settled, standbyDeps } from "./standby-rig.ts";

setDefaultTimeout(60_000);

afterEach(cleanUp);

testStorage("a storage with a stand-by in RAM", async () => {
  let now = 1_700_000_000;
  const { gone, alive, fateOf } = fates();
  const deps = { now: () => now, fateOf, warn: () => {} };
  const main = openSqlite(":memory:", deps);
  const storage = openStandby(main, openSqlite(":memory:", deps, { medium: "ram" }), standbyDeps(deps));
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

/** Ways in which Redis takes nothing, how each ends, and what is reported. */
const FAILURES: [
  string,
  (server: RedisServer) => Promise<unknown>,
  (server: RedisServer) => Promise<unknown>,
  RegExp,
][] = [
  ["is down", (s) => s.kill(), (s) => s.restart(), /is not running|closed the connection/],
  [
    "has no memory left",
    (s) => s.cli("CONFIG", "SET", "maxmemory", "1"),
    (s) => s.cli("CONFIG", "SET", "maxmemory", "0"),
    /memory limit/,
  ],
  [
    "is a read-only replica",
    (s) => s.cli("REPLICAOF", "127.0.0.1", "1"),
    (s) => s.cli("REPLICAOF", "NO", "ONE"),
    /read-only replica/,
  ],
  [
    "cannot save",
    async (s) => {
      await s.cli("CONFIG", "SET", "save", "3600 1");
      await s.cli("BGSAVE");
      while (!(await s.cli("INFO", "persistence")).includes("rdb_last_bgsave_status:err"))
        await setTimeout(10);
    },
    (s) => s.cli("CONFIG", "SET", "save", ""),
    /cannot save to its disk/,
  ],
];

describe.each(FAILURES)("a Redis that %s", (_, fail, recover, reason) => {
  test("stops neither captures nor deliveries, and gets what is left once it works", async () => {
    // A directory in which nothing can be saved.
    const it = await device(["--dir", "/proc"]);
    const { server, agent, outside, reports } = it;
    await add(agent, WRAPPED, record("before", 1));
    await fail(server);
    await add(agent, WRAPPED, record("a", 2), record("b", 3)).catch(() => {});
    await settled(agent);
    await add(agent, WRAPPED, record("c", 4));
    expect(await agent.acquire({ name: WRAPPED, owner: "agent" }, 60)).toBeUndefined();
    const found = await peekKeys(agent, WRAPPED);
    expect(found.filter((key) => key !== "before")).toEqual(["a", "b", "c"]);
    await agent.commit({
      lease: { name: WRAPPED, owner: "agent" },
      remove: [{ queue: WRAPPED, keys: ["a", "b"] }],
      add: [{ queue: RAW, records: [record("own", 5)] }],
      stamps: [],
      notes: { "last-delivery": "{}" },
      dropped: { expired: 2 },
    });
    await agent.release({ name: WRAPPED, owner: "agent" });
    expect(reports).toEqual([expect.stringMatching(reason)]);
    await recover(server);
    await back(it);
    expect(await peekKeys(agent, WRAPPED)).toContain("c");
    expect(await peekKeys(outside, RAW)).toEqual(["own"]);
    expect((await peekKeys(outside, WRAPPED)).filter((key) => key !== "before")).toEqual(["c"]);
    expect(await readDropped(outside)).toEqual({ expired: 2 });
    expect(reports.slice(1)).toEqual(["works again"]);
  });
});
