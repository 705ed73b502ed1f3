import type { Change, QueueName, StoredRecord } from "../storage.ts";

export type Met = ReturnType<typeof createMet>;

/**
 * Keys of the records that the card gave and that are not removed yet, so that it is known where they lie when the card cannot be asked
 * any more. A new pass over a queue forgets those of the last.
 */
export function createMet() {
  const met = new Map<QueueName, Set<string>>();
  return {
    add(queue: QueueName, records: readonly StoredRecord[], isNewPass: boolean): void {
      const keys = isNewPass ? new Set<string>() : (met.get(queue) ?? new Set());
      for (const { key } of records) keys.add(key);
      met.set(queue, keys);
    },
    has: (queue: QueueName, keys: readonly string[]): boolean =>
      keys.some((key) => met.get(queue)?.has(key) === true),
    forget(removed: NonNullable<Change["remove"]>): void {
      for (const { queue, keys } of removed) for (const key of keys) met.get(queue)?.delete(key);
    },
  };
}
