import { StorageError } from "../errors.ts";
import { type Change, type DataQueue, QUEUES, type Room, type Storage, weightOf } from "./storage.ts";

export type Bounds = Pick<Room, "most" | "unit"> & {
  /** What the queues take now, in this unit. */
  used(): Promise<number>;
  /** Bytes that the disk has left for queues, negative when it is too full for any; undefined: as many as it takes. */
  left(): Promise<number | undefined>;
  /** Seconds between two looks at what is used. */
  every: number;
};

type Deps = {
  /** Unix seconds. */
  now(): number;
  /** Called when the oldest records of a queue were dropped. */
  onOverflow(queue: DataQueue, records: number): void;
};

/** Records that go in one step, and steps after one commit: what is still too much goes after the next. */
const STEP = 500;
const STEPS = 8;

/**
 * The same storage within its bounds: after a commit the oldest records beyond them go, of whichever queue, and are counted. A commit
 * that only adds rejects while the disk has nothing left for queues.
 */
export function bounded<S extends Storage>(storage: S, bounds: Bounds, { now, onOverflow }: Deps): S {
  let lookedAt = Number.NEGATIVE_INFINITY;

  /** What is too much stays until the next time where the storage fails: the commit before it is done. */
  async function relieve(): Promise<void> {
    await dropExcess().catch((error: unknown) => {
      if (!(error instanceof StorageError)) throw error;
    });
  }

  async function dropExcess(): Promise<void> {
    if (Math.abs(now() - lookedAt) < bounds.every) return;
    for (let step = 0; step < STEPS; step++) {
      const excess = (await bounds.used()) - bounds.most;
      const most = bounds.unit === "records" ? Math.min(STEP, excess) : STEP;
      if (excess > 0 && (await dropOldest(storage, onOverflow, most))) continue;
      lookedAt = now();
      return;
    }
  }

  return {
    ...storage,

    async commit(change) {
      const grows = adds(change);
      if (grows && (change.remove ?? []).length === 0 && ((await bounds.left()) ?? 0) < 0)
        throw new StorageError(
          "The disk of the queues is full but for its last tenth, which is not for them. To free space, type: df -h; sudo du -xh / | sort -h | tail.",
        );
      await storage.commit(change);
      if (grows) await relieve();
    },

    async repair(queue) {
      const repaired = await storage.repair(queue);
      // What applications write themselves is met here, once per release.
      await relieve();
      return repaired;
    },

    async room() {
      const [used, left] = [await bounds.used(), await bounds.left()];
      const most = left === undefined ? bounds.most : Math.min(bounds.most, used + Math.max(0, left));
      return { used, most, unit: bounds.unit };
    },
  };
}

function adds({ add = [] }: Change): boolean {
  return add.some(({ records }) => records.length > 0);
}

/** Drops the oldest records, those of the queue that has the oldest one, and counts them. Resolves to false when there are none. */
export async function dropOldest(
  storage: Pick<Storage, "peek" | "commit">,
  onOverflow: (queue: DataQueue, records: number) => void,
  limit = STEP,
): Promise<boolean> {
  const queue = await queueOfOldest(storage);
  if (queue === undefined) return false;
  const oldest = await storage.peek(queue, { limit, maxBytes: Number.POSITIVE_INFINITY, maxBody: 0 });
  const keys = oldest.map(({ key }) => key);
  await storage.commit({ remove: [{ queue, keys }], dropped: { overflow: weightOf(oldest) } });
  onOverflow(queue, weightOf(oldest));
  return true;
}

async function queueOfOldest(storage: Pick<Storage, "peek">): Promise<DataQueue | undefined> {
  let oldest: { queue: DataQueue; at: number } | undefined;
  for (const queue of QUEUES) {
    const [first] = await storage.peek(queue, { limit: 1, maxBytes: 1, maxBody: 0 });
    if (first !== undefined && first.at < (oldest?.at ?? Number.POSITIVE_INFINITY))
      oldest = { queue, at: first.at };
  }
  return oldest?.queue;
}

/** Returns the number of records in all queues that are sent. */
export async function countRecords(storage: Pick<Storage, "size">): Promise<number> {
  let total = 0;
  for (const queue of QUEUES) total += (await storage.size(queue)).count;
  return total;
}
