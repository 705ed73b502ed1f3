import type { DataQueue, NewRecord, Storage } from "../storage/storage.ts";

/** Bytes of records that wait, and records. */
const MOST_BYTES = 4_000_000;
const MOST_RECORDS = 5000;

/** Events and service checks that applications sent without a queue, on their way into one. It outlives a configuration. */
export type Arrivals = {
  /** Returns false, and takes nothing, when too much waits. */
  put(queue: DataQueue, record: NewRecord): boolean;
  /** Puts everything into the queues in one step; rejects when the storage is out of reach, and keeps it then. */
  store(storage: Pick<Storage, "commit">): Promise<void>;
};

export function createArrivals(): Arrivals {
  let waiting: { queue: DataQueue; record: NewRecord }[] = [];
  let bytes = 0;
  return {
    put(queue, record) {
      if (waiting.length >= MOST_RECORDS || bytes + record.body.length > MOST_BYTES) return false;
      waiting.push({ queue, record });
      bytes += record.body.length;
      return true;
    },
    async store(storage) {
      const storing = [...waiting];
      if (storing.length === 0) return;
      const queues = new Set(storing.map(({ queue }) => queue));
      const add = [...queues].map((queue) => ({
        queue,
        records: storing.filter((one) => one.queue === queue).map(({ record }) => record),
      }));
      await storage.commit({ add });
      // A record that came meanwhile waits; one that two calls store has one key, and is one record.
      const stored = new Set(storing);
      waiting = waiting.filter((one) => !stored.has(one));
      bytes = waiting.reduce((sum, { record }) => sum + record.body.length, 0);
    },
  };
}
