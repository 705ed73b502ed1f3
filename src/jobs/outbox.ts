import type { NewRecord, Storage } from "../storage/storage.ts";

/** Records that are kept in memory while the storage is out of reach; the oldest go first. */
const LIMIT = 10_000;

/** Points on their way into their queue. It outlives the jobs, so that a new configuration loses none. */
export type Outbox = {
  put(records: readonly NewRecord[]): void;
  /** Puts everything into the queue in one step; rejects when the storage is out of reach, and keeps it then. */
  store(storage: Pick<Storage, "commit">): Promise<void>;
};

export function createOutbox(): Outbox {
  let waiting: NewRecord[] = [];
  return {
    put(records) {
      waiting = waiting.concat(records);
    },
    async store(storage) {
      if (waiting.length === 0) return;
      const records = waiting;
      waiting = [];
      try {
        await storage.commit({ add: [{ queue: "chouette:metrics:wrapped", records }] });
      } catch (error) {
        waiting = [...records, ...waiting].slice(-LIMIT);
        throw error;
      }
    },
  };
}
