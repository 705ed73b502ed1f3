import { STAMPS_SINCE, type Storage } from "../storage/storage.ts";

/**
 * Returns the seconds in [from, to) that may not be stamped: those that were, and the first half of each window of which the storage may have
 * forgotten that it was closed. A point there could replace one that had more metrics in it.
 */
export async function usedSeconds(
  storage: Pick<Storage, "stamps" | "note">,
  [from, to]: readonly [from: number, to: number],
  interval: number,
): Promise<Set<number>> {
  const used = new Set(await storage.stamps(from, to));
  const since = Number((await storage.note(STAMPS_SINCE)) ?? 0);
  for (let second = from; second < Math.min(to, since); second++)
    if (second % interval < interval / 2) used.add(second);
  return used;
}
