import type { QueueName, Storage } from "../storage.ts";

/** A card that remembers which of its queues are empty, so that most commits need not ask it. */
export type KnownCard = Storage & {
  /** Whether the queue has records. What another process brings to the card is known once they were read or counted here. */
  holds(queue: QueueName): Promise<boolean>;
};

export function knownCard(card: Storage): KnownCard {
  const empty = new Set<QueueName>();
  const known: KnownCard = {
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

    async holds(queue) {
      return !empty.has(queue) && (await known.size(queue)).oldest !== undefined;
    },
  };
  return known;
}
