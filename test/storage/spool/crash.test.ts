import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StorageError } from "../../../src/errors.ts";
import { readDropped } from "../../../src/storage/counts/read-dropped.ts";
import { openSpool } from "../../../src/storage/spool/spool.ts";
import { openSqlite } from "../../../src/storage/sqlite/sqlite.ts";
import type { KeyedStorage } from "../../../src/storage/storage.ts";
import { QUEUES, type Storage } from "../../../src/storage/storage.ts";
import { ALL, RAW, record, WRAPPED } from "../rig.ts";

setDefaultTimeout(60_000);

/** What an agent does over an outage, as steps that each must happen wholly or not at all. */
const STEPS: readonly (readonly [what: string, run: (spool: Storage) => Promise<void>])[] = [
  [
    "two raw metrics arrive",
    (s) => s.commit({ add: [{ queue: RAW, records: [record("r1", 1), record("r2", 2)] }] }),
  ],
  ["everything moves to the card", (s) => s.persist()],
  ["a third arrives", (s) => s.commit({ add: [{ queue: RAW, records: [record("r3", 3)] }] })],
  [
    "all three become a point",
    (s) =>
      s.commit({
        remove: [{ queue: RAW, keys: ["r1", "r2", "r3"] }],
        add: [{ queue: WRAPPED, records: [record("p123", 1)] }],
        stamps: [1],
      }),
  ],
  [
    "a capture comes",
    (s) => s.commit({ add: [{ queue: WRAPPED, records: [record("c1", 4), record("c2", 5)] }] }),
  ],
  ["everything moves to the card again", (s) => s.persist()],
  ["another capture comes", (s) => s.commit({ add: [{ queue: WRAPPED, records: [record("c3", 6)] }] })],
  [
    "a delivery takes from both levels",
    (s) => s.commit({ remove: [{ queue: WRAPPED, keys: ["p123", "c1", "c3"] }] }),
  ],
  [
    "a point is rejected",
    (s) =>
      s.commit({
        remove: [{ queue: WRAPPED, keys: ["c2"] }],
        add: [{ queue: "chouette:metrics:wrapped:rejected", records: [record("c2", 9)] }],
        dropped: { rejected: 1 },
      }),
  ],
  ["the rest moves to the card", (s) => s.persist()],
];

/** Each commit of either level is one place to die, before it and after it: more than the steps make. */
const PLACES = Array.from({ length: 60 }, (_, n) => n);

describe("a process that is killed at any commit of either level", () => {
  test("leaves each step done or not done, and the next process does the rest", async () => {
    const states = await statesOfAWholeRun();
    let died = 0;
    for (const place of PLACES) {
      const world = await createWorld();
      const reached = await runUntilDeath(world, place);
      if (reached === undefined) continue;
      died++;
      const found = JSON.stringify(await world.found());
      const allowed = [states[reached], states[reached + 1]].map((state) => JSON.stringify(state));
      expect({ place, step: STEPS[reached]?.[0], found, is: allowed.includes(found) }).toMatchObject({
        is: true,
      });
      await world.remove();
    }
    expect(died).toBeGreaterThan(20);
  });
});

describe("a power cut at any commit of either level", () => {
  test("leaves no metric both raw and in a point, and loses none that was on the card", async () => {
    for (const place of PLACES) {
      const world = await createWorld();
      if ((await runUntilDeath(world, place)) === undefined) continue;
      await rm(join(world.dir, "hot.db"), { force: true });
      for (const suffix of ["-wal", "-shm"]) await rm(join(world.dir, `hot.db${suffix}`), { force: true });
      const { records } = await world.found();
      const raw = ["r1", "r2"].filter((key) => records[RAW]?.includes(key)).length;
      const built = records[WRAPPED]?.includes("p123") === true;
      expect({ place, both: raw > 0 && built, part: raw === 1 }).toEqual({ place, both: false, part: false });
      await world.remove();
    }
  });
});

type Contents = {
  records: Record<string, string[]>;
  stamps: number[];
  dropped: Record<string, number>;
};

async function statesOfAWholeRun(): Promise<Contents[]> {
  const world = await createWorld();
  const states = [await world.found()];
  const spool = world.open();
  for (const [, run] of STEPS) {
    await run(spool);
    states.push(await world.found());
  }
  await spool.close();
  await world.remove();
  return states;
}

/** Runs the steps until the commit at `place` kills; resolves to the step in which it died, undefined when none did. */
async function runUntilDeath(world: World, place: number): Promise<number | undefined> {
  const dead = { dead: false };
  const die = mortal(place, dead);
  const spool = world.open(die);
  for (const [step, [, run]] of STEPS.entries()) {
    await run(spool).catch(() => {});
    if (dead.dead) return step;
  }
  await spool.close();
  await world.remove();
  return undefined;
}

/** Two wrappers that count the commits of both levels; an even place dies before its commit, an odd one after it. */
function mortal(place: number, state: { dead: boolean }): (storage: KeyedStorage) => KeyedStorage {
  let commits = 0;
  const ifAlive = async <T>(run: () => Promise<T>): Promise<T> => {
    // Not a StorageError, which the spool would take for a card that fails.
    if (state.dead) throw new Error("killed");
    return run();
  };
  return (storage) => ({
    ...storage,
    peek: (...args) => ifAlive(() => storage.peek(...args)),
    size: (...args) => ifAlive(() => storage.size(...args)),
    note: (...args) => ifAlive(() => storage.note(...args)),
    holds: (...args) => ifAlive(() => storage.holds(...args)),
    commit: (change) =>
      ifAlive(async () => {
        const mine = commits++ === Math.floor(place / 2);
        if (mine && place % 2 === 0) state.dead = true;
        if (!state.dead) await storage.commit(change);
        if (mine) state.dead = true;
        if (state.dead) throw new Error("killed");
      }),
  });
}

type World = Awaited<ReturnType<typeof createWorld>>;

async function createWorld() {
  const dir = await mkdtemp(join(tmpdir(), "chouette-crash-"));
  let keys = 0;
  const deps = {
    now: () => 1_700_000_000,
    fateOf: (owner: string) => (owner === "first" ? ("gone" as const) : ("unknown" as const)),
    warn: () => {},
  };
  const open = (wrap: (storage: KeyedStorage) => KeyedStorage = (storage) => storage, owner = "first") =>
    openSpool(
      wrap(openSqlite(join(dir, "hot.db"), deps, { medium: "ram" })),
      wrap(openSqlite(join(dir, "chouette.db"), deps)),
      {
        ...deps,
        owner,
        newKey: () => `${owner}-${keys++}`,
        onCard: (_, error) => {
          throw new StorageError(error);
        },
        onOverflow: () => {},
      },
    );
  /** What the next process finds. */
  async function found(): Promise<Contents> {
    const next = open(undefined, "second");
    const records: Contents["records"] = {};
    for (const queue of [...QUEUES, "chouette:metrics:wrapped:rejected", "chouette:spool"] as const)
      records[queue] = (await next.peek(queue, ALL)).map(({ key }) => key);
    const stamps = await next.stamps(-Infinity, Infinity);
    const dropped = await readDropped(next);
    await next.close();
    return { records, stamps, dropped };
  }
  return { dir, open, found, remove: () => rm(dir, { recursive: true }) };
}
