import type { Storage } from "../storage/storage.ts";
import type { Stored } from "./session.ts";
import type { SharedQueue } from "./writes.ts";

/** Records and characters of one commit. */
const MOST = { records: 5000, characters: 4_000_000 };

type Waiting = { records: readonly Stored[]; resolve(): void; reject(error: unknown): void };

/**
 * Stores what several clients, or one that does not wait for its answers, write at about the same time in one commit: a commit
 * of the storage costs far more than a record in it. Each call is whole in one commit.
 */
export function createCommitter(
  storage: Pick<Storage, "commit">,
): (records: readonly Stored[]) => Promise<void> {
  let waiting: Waiting[] = [];
  let busy = false;

  const run = async () => {
    busy = true;
    // What is in the same packet comes first.
    await Promise.resolve();
    while (waiting.length > 0) {
      const batch = waiting.splice(0, countOf(waiting));
      try {
        await storage.commit({ add: byQueue(batch.flatMap(({ records }) => records)) });
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    waiting = [];
    busy = false;
  };

  return (records) =>
    new Promise((resolve, reject) => {
      waiting.push({ records, resolve, reject });
      if (!busy) void run();
    });
}

/** The number of calls that fit one commit; one at least. */
function countOf(waiting: readonly Waiting[]): number {
  let records = 0;
  let characters = 0;
  const end = waiting.findIndex((one) => {
    records += one.records.length;
    for (const { record } of one.records) characters += record.body.length;
    return records > MOST.records || characters > MOST.characters;
  });
  return end === -1 ? waiting.length : Math.max(1, end);
}

function byQueue(stored: readonly Stored[]) {
  const queues = new Map<SharedQueue, Stored["record"][]>();
  for (const { queue, record } of stored) {
    const records = queues.get(queue);
    if (records === undefined) queues.set(queue, [record]);
    else records.push(record);
  }
  return [...queues].map(([queue, records]) => ({ queue, records }));
}
