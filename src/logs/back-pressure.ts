import type { Clock } from "../schedule/clock.ts";
import type { DataQueue, Storage } from "../storage/storage.ts";

/** How much may be taken from sources now. */
export type BackPressure = {
  /** Looks at the queue. */
  look(): Promise<void>;
  /** Hears of records that were stored since. */
  stored(records: number, bytes: number): void;
  /** True when what can wait where it is has to; true for all when the storage has no room. */
  isFull(canWait: boolean): boolean;
};

/**
 * Files and the journal keep their lines themselves. While deliveries make progress no more of them is queued than this: it fits in
 * RAM beside everything else, so that a backlog costs neither memory nor writes to the card.
 */
const AHEAD = { records: 10_000, bytes: 4_000_000 } as const;

/** Share of the storage above which logs wait: metrics and what cannot wait have the rest. */
const SHARE = 0.5;

/** Records above which they are counted every other second only, since counting takes longer. */
const MANY = 100_000;
const SELDOM = 2;

/** `patience`: seconds without a delivery after which lines are queued as long as there is room, since files may be rotated away. */
export function createBackPressure(
  storage: Pick<Storage, "size" | "room">,
  queue: DataQueue,
  clock: Pick<Clock, "monotonic">,
  patience: number,
): BackPressure {
  let count = 0;
  let bytesEach = 0;
  let hasRoom = true;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let deliveredAt = Number.NEGATIVE_INFINITY;
  const startedAt = clock.monotonic();
  const since = (at: number) => clock.monotonic() - at;

  return {
    async look() {
      if (count > MANY && since(lookedAt) < SELDOM) return;
      const room = await storage.room();
      const size = await storage.size(queue);
      hasRoom = room === undefined || room.used < SHARE * room.most;
      if (size.count < count) deliveredAt = clock.monotonic();
      count = size.count;
      lookedAt = clock.monotonic();
    },
    stored(records, bytes) {
      count += records;
      if (records > 0) bytesEach = bytes / records;
    },
    isFull(canWait) {
      if (!hasRoom) return true;
      const isStuck = since(Math.max(deliveredAt, startedAt)) > patience;
      return canWait && !isStuck && (count >= AHEAD.records || count * bytesEach >= AHEAD.bytes);
    },
  };
}
