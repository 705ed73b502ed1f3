import { momentOf, movedTo } from "../records/moment.ts";
import { MAX_RECORD_BYTES } from "../records/unreadable.ts";
import type { Clock } from "../schedule/clock.ts";
import type { ClockTrust } from "../schedule/device-clock.ts";
import { type NewRecord, type Storage, type StoredRecord, weightOf } from "../storage/storage.ts";
import { withLease } from "./lease.ts";

const WRAPPED = "chouette:metrics:wrapped";

const BATCH = { limit: 1000, maxBytes: 2_000_000, maxBody: MAX_RECORD_BYTES } as const;

/** Seconds by which a stamp may be off: as many as the date of an answer. Its second is its own, and the right one may be taken. */
const SLACK = 30;

/** Records that got the time of the clock that is right now, and those that are dropped because their time is not known. */
export type Placed = { moved: number; unplaced: number };

/**
 * Makes the time of captures that were stamped by an unconfirmed clock final, before they are sent: what may have been taken is never
 * sent with another stamp. With "right", those of this boot get their time by the seconds since it began, and those of an
 * earlier boot keep their stamps, unless these are before this version was built: such a time cannot be known any more.
 * With "as stamped", all keep theirs.
 */
export async function placeCaptures(
  deps: { storage: Storage; clock: Clock; owner: string; trust: ClockTrust },
  where: "right" | "as stamped",
  options: { patience: number; signal: AbortSignal },
): Promise<Placed> {
  const { storage, trust } = deps;
  const lease = { name: WRAPPED, owner: deps.owner };
  return withLease(deps, lease, options, async (keep) => {
    const placed: Placed = { moved: 0, unplaced: 0 };
    let after: { at: number; key: string } | undefined;
    while (!options.signal.aborted) {
      await keep();
      const records = await storage.peek(WRAPPED, { ...BATCH, ...(after && { after }) });
      after = records.at(-1);
      if (after === undefined) break;
      const gone: StoredRecord[] = [];
      const moved: NewRecord[] = [];
      for (const record of records) {
        const { key, at, body = "", weight = 1 } = record;
        const moment = momentOf(body);
        if (moment === undefined) continue;
        const isOfThisBoot = moment.boot === trust.boot && trust.boot !== "";
        const second = isOfThisBoot ? Math.floor(trust.timeAt(moment.up)) : at;
        const isRight = where === "as stamped" || Math.abs(second - at) <= SLACK;
        if (where === "right" && !isOfThisBoot && at < trust.builtAt) gone.push(record);
        else moved.push({ key, weight, ...movedTo(body, isRight ? at : second) });
      }
      if (gone.length + moved.length === 0) continue;
      // A record that moves behind this place is met again, without a moment.
      await storage.commit({
        lease,
        remove: [{ queue: WRAPPED, keys: gone.map(({ key }) => key) }],
        add: [{ queue: WRAPPED, records: moved }],
        dropped: { unplaced: weightOf(gone) },
      });
      placed.moved += weightOf(moved);
      placed.unplaced += weightOf(gone);
    }
    return placed;
  });
}
