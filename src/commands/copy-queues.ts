import { StorageError } from "../errors.ts";
import { type DataQueue, type NewRecord, QUEUES, type Storage } from "../storage/storage.ts";

/** Records of each queue that a dry run looks at. */
const LIMIT = { limit: 10_000, maxBytes: 16_000_000, maxBody: 1_000_000 } as const;

/**
 * Copies the first records of each queue into another storage; says so when a queue has more, or cannot be read. Rejects
 * with StorageError when none can.
 */
export async function copyQueues(from: Storage, to: Storage, note: (text: string) => void): Promise<void> {
  const unreadable: StorageError[] = [];
  for (const queue of QUEUES) {
    try {
      await copyQueue(from, to, queue, note);
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      unreadable.push(error);
    }
  }
  if (unreadable.length === QUEUES.length) throw unreadable[0];
  for (const { message } of unreadable) note(`${message}\n`);
}

async function copyQueue(
  from: Storage,
  to: Storage,
  queue: DataQueue,
  note: (text: string) => void,
): Promise<void> {
  const records = (await from.peek(queue, LIMIT)).map(
    ({ key, at, body }): NewRecord => ({ key, at: finite(at), body: body ?? "" }),
  );
  const { count } = await from.size(queue);
  if (records.length < count) note(`${queue}: looking at the first ${records.length} of ${count} records\n`);
  await to.commit({ add: [{ queue, records }] });
}

/** Scores of `-inf` and `inf` are met in a Redis; no storage takes them, and their place in the queue stays. */
function finite(at: number): number {
  return Math.min(Math.max(at, -Number.MAX_VALUE), Number.MAX_VALUE);
}
