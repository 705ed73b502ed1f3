import type { NewRecord, Storage } from "../storage/storage.ts";

/** Points kept in memory while the storage is unreachable; beyond that the oldest are dropped. */
const LIMIT = 10_000;

/** Points on their way into their queue. The outbox outlives the jobs, so that a new configuration loses none. */
export type Outbox = {
  put(records: readonly NewRecord[]): void;
  /** Stores everything in the queue in one commit, with these notes. Rejects when the storage is unreachable, and keeps everything then. */
  store(storage: Pick<Storage, "commit">, notes?: Record<string, string>): Promise<void>;
};

export function createOutbox(): Outbox {
  let waiting: NewRecord[] = [];
  return {
    put(records) {
      waiting = waiting.concat(records);
    },
    async store(storage, notes) {
      if (waiting.length === 0) return;
      const records = waiting;
      waiting = [];
      try {
        await storage.commit({
          add: [{ queue: "chouette:metrics:wrapped", records }],
          ...(notes !== undefined && { notes }),
        });
      } catch (error) {
        waiting = newest([...records, ...waiting]);
        throw error;
      }
    },
  };
}

function newest(records: readonly NewRecord[]): NewRecord[] {
  let points = 0;
  const kept = records.toReversed().filter(({ weight = 1 }) => {
    points += weight;
    return points <= LIMIT;
  });
  return kept.reverse();
}
