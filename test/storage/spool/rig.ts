import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSpool } from "../../../src/storage/spool/spool.ts";
import type { openSqlite } from "../../../src/storage/sqlite/sqlite.ts";
import type { KeyedStorage, Storage } from "../../../src/storage/storage.ts";
import { fates, type Rig } from "../rig.ts";

/** When records go to the card without a reason: never, or before every so manieth operation. */
export type Unrest = { persistEvery?: number };

export type SpoolRig = Rig & {
  another(card?: KeyedStorage): Storage;
  /** The levels themselves, opened once more. */
  hot(): KeyedStorage;
  card(): KeyedStorage;
  dir: string;
  /** What was reported of the card. */
  reports: string[];
};

/** A spool over two databases in a directory of its own. */
export function spoolRig(open: typeof openSqlite, { persistEvery = 0 }: Unrest = {}) {
  return async (): Promise<SpoolRig> => {
    const dir = await mkdtemp(join(tmpdir(), "chouette-spool-"));
    let now = 1_700_000_000;
    let keys = 0;
    const { gone, alive, fateOf } = fates();
    const reports: string[] = [];
    const deps = { now: () => now, fateOf, warn: () => {} };
    const hot = () => open(join(dir, "hot.db"), deps, { medium: "ram" });
    const card = () => open(join(dir, "chouette.db"), deps);
    const another = (below = card()) =>
      openSpool(hot(), below, {
        ...deps,
        owner: "test",
        newKey: () => `entry-${keys++}`,
        onCard: (up, error) => void reports.push(up ? "up" : error),
        onOverflow: (queue, records) => void reports.push(`${queue} ${records}`),
      });
    const storage = another();
    return {
      storage: persistEvery === 0 ? storage : restless(storage, persistEvery),
      another,
      hot,
      card,
      dir,
      gone,
      alive,
      reports,
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

/** The same storage, which moves everything to the card before every so manieth operation. */
function restless(storage: Storage, every: number): Storage {
  let operations = 0;
  const operation = async <T>(run: () => Promise<T>): Promise<T> => {
    if (++operations % every === 0) await storage.persist();
    return run();
  };
  return {
    ...storage,
    commit: (change) => operation(() => storage.commit(change)),
    peek: (queue, options) => operation(() => storage.peek(queue, options)),
    expire: (...args) => operation(() => storage.expire(...args)),
    size: (queue, range) => operation(() => storage.size(queue, range)),
    weight: (queue, range) => operation(() => storage.weight(queue, range)),
    stamps: (from, to) => operation(() => storage.stamps(from, to)),
  };
}
