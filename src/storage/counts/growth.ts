import type { DataQueue, NewRecord, Storage } from "../storage.ts";

/** Note: what waits would grow by each second in which nothing is delivered, in the unit of `Storage.room`. */
const NOTE = "growth";

/** Seconds between two notes, and of half the time over which is measured. */
const EVERY = 60;
const HALF = 43_200;

/** What is built to be sent; raw metrics become less. */
const COUNTED: readonly DataQueue[] = [
  "chouette:metrics:wrapped",
  "chouette:logs:wrapped",
  "chouette:distributions:wrapped",
  "chouette:sketches:wrapped",
  "chouette:events:wrapped",
  "chouette:checks:wrapped",
];

/**
 * The same storage, which notes how fast records come in, over the last 12 to 24 hours or since its start. `sizeOf` measures records
 * in the unit of `Storage.room`. The note is part of a commit that comes anyway.
 */
export function measuringGrowth(
  storage: Storage,
  sizeOf: (records: readonly NewRecord[]) => number,
  monotonic: () => number,
): Storage {
  let earlier = { since: monotonic(), size: 0 };
  let latest = { since: monotonic(), size: 0 };
  let notedAt = monotonic();

  function note(now: number): Record<string, string> {
    if (now - latest.since > HALF) [earlier, latest] = [latest, { since: now, size: 0 }];
    notedAt = now;
    const perSecond = (earlier.size + latest.size) / Math.max(1, now - earlier.since);
    return { [NOTE]: perSecond.toPrecision(4) };
  }

  return {
    ...storage,
    async commit(change) {
      for (const { queue, records } of change.add ?? [])
        if (COUNTED.some((counted) => counted === queue)) latest.size += sizeOf(records);
      const now = monotonic();
      if (now - notedAt < EVERY || change.add === undefined) return storage.commit(change);
      return storage.commit({ ...change, notes: { ...change.notes, ...note(now) } });
    },
  };
}

/** Reads how much would come in each second, in the unit of `Storage.room`; undefined when it is not known yet. */
export async function readGrowth(storage: Pick<Storage, "note">): Promise<number | undefined> {
  const perSecond = Number(await storage.note(NOTE));
  return Number.isFinite(perSecond) && perSecond > 0 ? perSecond : undefined;
}
