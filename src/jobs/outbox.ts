import { type NewRecord, type Storage, weightOf } from "../storage/storage.ts";

/** Points kept in memory while the storage takes nothing, not even in RAM; beyond that the oldest are dropped, and counted once it does. */
const LIMIT = 10_000;

/** Points on their way into their queue. The outbox outlives the jobs, so that a new configuration loses none. */
export type Outbox = {
  put(records: readonly NewRecord[]): void;
  /** Stores everything in the queue in one commit, with these notes. Rejects when the storage is unreachable, and keeps everything then. */
  store(storage: Pick<Storage, "commit">, notes?: Record<string, string>): Promise<void>;
};

export function createOutbox(): Outbox {
  let waiting: NewRecord[] = [];
  let lost = 0;
  return {
    put(records) {
      waiting = waiting.concat(records);
    },
    async store(storage, notes) {
      if (waiting.length === 0) return;
      const [records, overflow] = [waiting, lost];
      [waiting, lost] = [[], 0];
      try {
        await storage.commit({
          add: [{ queue: "chouette:metrics:wrapped", records }],
          ...(notes !== undefined && { notes }),
          ...(overflow > 0 && { dropped: { overflow } }),
        });
      } catch (error) {
        const all = [...records, ...waiting];
        waiting = newest(all);
        lost += overflow + weightOf(all) - weightOf(waiting);
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
