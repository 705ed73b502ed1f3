import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { type RedisServer, startRedis } from "../../scripts/servers/redis-server.ts";
import { StorageError } from "../../src/errors.ts";
import { parseRedisUrl } from "../../src/redis/address.ts";
import { openRedis } from "../../src/storage/redis/redis.ts";
import { openSpool } from "../../src/storage/spool/spool.ts";
import { openSqlite } from "../../src/storage/sqlite/sqlite.ts";
import { type Change, QUEUES, type Storage, type StoredRecord } from "../../src/storage/storage.ts";
import { ALL } from "../storage/rig.ts";
import { type Life, mortal } from "./life.ts";

/** What a card, or Redis, refuses. */
export type Broken = "no" | "writes" | "all";

/** Texts of records in what a power cut takes, in what it leaves, and those of the latter that come back: RAM alone knew that they are removed. */
export type Contents = { lost: string[]; kept: string[]; back: string[] };

/** The medium of the queues, over the lives of processes and boots of the machine. */
export type Medium = {
  open(life: Life): Storage;
  /** An application writes beside the agent. */
  beside(): Storage;
  breaks(what: Broken): void;
  contents(): Promise<Contents>;
  /** After all processes are gone. */
  powerCut(): Promise<void>;
  remove(): Promise<void>;
};

export async function embedded(now: () => number): Promise<Medium> {
  const dir = await mkdtemp("/dev/shm/chouette-model-");
  const [hot, card] = [join(dir, "hot.db"), join(dir, "chouette.db")];
  const alive = new Set<string>();
  const fateOf = (owner: string) => (alive.has(owner) ? "alive" : "gone") as "alive" | "gone";
  const sqlite = { now, fateOf, warn: (message: string) => warnings.push(message) };
  const warnings: string[] = [];
  let broken: Broken = "no";
  let lives = 0;
  let keys = 0;
  const spool = (owner: string, life?: Life) => {
    const living = <S extends Storage>(storage: S): S =>
      life === undefined ? storage : mortal(storage, life);
    const storage = openSpool(
      living(openSqlite(hot, sqlite, { medium: "ram" })),
      living(breaking(openSqlite(card, sqlite), () => broken)),
      { ...sqlite, owner, newKey: () => `entry-${keys++}`, onCard: () => {}, onOverflow: () => {} },
    );
    alive.add(owner);
    const close = () => {
      alive.delete(owner);
      return storage.close();
    };
    return { ...storage, close };
  };
  const textsOf = async (path: string, which?: (record: StoredRecord) => boolean) => {
    const storage = openSqlite(path, sqlite);
    const texts = await textsIn(storage, which);
    await storage.close();
    return texts;
  };
  return {
    open: (life) => spool(`process-${++lives}`, life),
    beside: () => spool("application"),
    breaks: (what) => {
      broken = what;
    },
    contents: async () => {
      const lost = await textsOf(hot);
      const removed = new Set(lost.flatMap(keysRemoved));
      const isRemoved = ({ key }: StoredRecord) => removed.has(key);
      return { lost, kept: await textsOf(card), back: await textsOf(card, isRemoved) };
    },
    powerCut: async () => {
      for (const suffix of ["", "-wal", "-shm"]) await rm(`${hot}${suffix}`, { force: true });
    },
    remove: () => rm(dir, { recursive: true }),
  };
}

export const startDurableRedis = () => startRedis(["--appendonly", "yes", "--appendfsync", "always"]);

/** What a server keeps that writes everything to its disk at once; empties it. */
export async function redis(server: RedisServer, now: () => number): Promise<Medium> {
  await server.cli("FLUSHALL");
  let broken: Broken = "no";
  const address = parseRedisUrl(server.url);
  const healthy = () => openRedis(address, { now, fateOf: () => "gone", onState: () => {} });
  return {
    open: (life) =>
      mortal(
        breaking(healthy(), () => broken),
        life,
      ),
    beside: healthy,
    breaks: (what) => {
      broken = what;
    },
    contents: async () => {
      const storage = healthy();
      const kept = await textsIn(storage);
      await storage.close();
      return { lost: [], kept, back: [] };
    },
    powerCut: async () => {
      await server.kill();
      await server.restart();
    },
    remove: async () => {},
  };
}

async function textsIn(storage: Storage, which: (record: StoredRecord) => boolean = () => true) {
  const texts: string[] = [];
  for (const queue of [...QUEUES, "chouette:spool"] as const)
    for (const record of await storage.peek(queue, ALL))
      if (record.body !== undefined && which(record)) texts.push(record.body);
  return texts;
}

/** What a text of RAM, if it is a step of two levels, is still to remove from the card. */
function keysRemoved(text: string): string[] {
  const { card } = (text.startsWith('{"owner"') ? JSON.parse(text) : {}) as { card?: Change };
  return (card?.remove ?? []).flatMap(({ keys }) => keys);
}

const WRITES: readonly (keyof Storage)[] = ["commit", "expire", "keepStamps", "acquire", "release"];

/** The same storage, which refuses as a failing card or server does. */
function breaking<S extends Storage>(storage: S, broken: () => Broken): S {
  const operations = Object.entries(storage)
    .filter(([, run]) => typeof run === "function")
    .map(([name, run]) => [
      name,
      async (...args: never[]) => {
        const fails =
          broken() === "all" || (broken() === "writes" && WRITES.some((operation) => operation === name));
        if (fails && name !== "close") throw new StorageError("EIO");
        return (run as (...args: never[]) => unknown)(...args);
      },
    ]);
  return { ...storage, ...Object.fromEntries(operations) };
}
