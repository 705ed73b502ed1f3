import { type NewRecord, QUEUES, type Storage } from "../storage/storage.ts";

/** Records of each queue that a dry run looks at. */
const LIMIT = { limit: 10_000, maxBytes: 16_000_000, maxBody: 1_000_000 } as const;

/** Copies the first records of each queue into another storage; says so when a queue has more. */
export async function copyQueues(from: Storage, to: Storage, note: (text: string) => void): Promise<void> {
  for (const queue of QUEUES) {
    const records = (await from.peek(queue, LIMIT)).map(
      ({ key, at, body }): NewRecord => ({ key, at: finite(at), body: body ?? "" }),
    );
    const { count } = await from.size(queue);
    if (records.length < count)
      note(`${queue}: looking at the first ${records.length} of ${count} records\n`);
    await to.commit({ add: [{ queue, records }] });
  }
}

/** Scores of `-inf` and `inf` are met in a Redis; no storage takes them, and their place in the queue stays. */
function finite(at: number): number {
  return Math.min(Math.max(at, -Number.MAX_VALUE), Number.MAX_VALUE);
}
