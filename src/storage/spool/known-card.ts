import type { KeyedStorage, QueueName } from "../storage.ts";

/**
 * A card that remembers which of its queues are empty, so that most commits need not ask it. What another process brings to the
 * card is known once it was read or counted here.
 */
export function knownCard(card: KeyedStorage): KeyedStorage {
  const empty = new Set<QueueName>();
  return {
    ...card,

    async commit(change) {
      // Before, since a commit that rejects may have been applied.
      for (const { queue, records } of change.add ?? []) if (records.length > 0) empty.delete(queue);
      await card.commit(change);
    },

    async size(queue, range) {
      const size = await card.size(queue, range);
      if (size.oldest === undefined) empty.add(queue);
      else empty.delete(queue);
      return size;
    },

    async holds(queue, keys) {
      return !empty.has(queue) && card.holds(queue, keys);
    },
  };
}
