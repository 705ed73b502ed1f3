import { type Change, type DataQueue, type Dropped, type NewRecord, weightOf } from "../storage/storage.ts";

/** A record that can never be sent: its text (undefined when there is none to keep) and the reason; `damaged`: the medium changed it. */
export type Rejected = {
  key: string;
  body: string | undefined;
  reason: string;
  damaged?: boolean | undefined;
  /** Points that it holds, when these are several. */
  weight?: number;
};

/** The number of rejected records and the first of them: a backlog may have a million. */
export type RejectedCount = { count: number; first: { key: string; reason: string } | undefined };

export function countRejected(total: RejectedCount, rejected: readonly Rejected[]): void {
  const [first] = rejected;
  total.count += weightOf(rejected);
  total.first ??= first && { key: first.key, reason: first.reason };
}

/** Characters of a record that are kept for `inspect-queue`. */
const KEPT = 10_000;

/**
 * Builds the change that moves records of a queue to its `…:rejected` queue, where they are kept for inspection, and counts them as
 * `as`.
 */
export function rejectRecords(
  queue: DataQueue,
  rejected: readonly Rejected[],
  now: number,
  as: "rejected" | "malformed" = "malformed",
): { remove: NonNullable<Change["remove"]>; add: NonNullable<Change["add"]>; dropped: Dropped } {
  if (rejected.length === 0) return { remove: [], add: [], dropped: {} };
  const records = rejected.map(
    ({ key, body, reason }): NewRecord => ({
      key,
      at: now,
      body: JSON.stringify({ reason, record: body?.slice(0, KEPT) }),
    }),
  );
  const damaged = weightOf(rejected.filter((one) => one.damaged === true));
  return {
    dropped: { [as]: weightOf(rejected) - damaged, damaged },
    remove: [{ queue, keys: rejected.map(({ key }) => key) }],
    add: [{ queue: `${queue}:rejected`, records }],
  };
}
