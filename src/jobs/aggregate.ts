import { closeWindows, stampRange } from "../aggregate/close-windows.ts";
import type { Entry } from "../aggregate/merge.ts";
import { type Batch, sortBatch } from "../aggregate/sort-batch.ts";
import type { Wrapper } from "../aggregate/wrapper.ts";
import type { Point } from "../model.ts";
import { pointRecords } from "../records/group-points.ts";
import type { ParseRawMetric } from "../records/raw-metric.ts";
import { END_OF_TIME } from "../records/time.ts";
import { MAX_RECORD_BYTES } from "../records/unreadable.ts";
import type { Clock } from "../schedule/clock.ts";
import type { Change, NewRecord, Storage, StoredRecord } from "../storage/storage.ts";
import { withLease } from "./lease.ts";
import { countRejected, type Rejected, type RejectedCount, rejectRecords } from "./rejected.ts";

const RAW = "chouette:metrics:raw";
const WRAPPED = "chouette:metrics:wrapped";

/** Records read at a time: with 1000 busy series a window has some 3000, so that few windows are cut by the batch. */
const BATCH = { limit: 10_000, maxBytes: 8_000_000, maxBody: MAX_RECORD_BYTES } as const;

/** Seconds ahead of the clock that `flush` still takes: what the intake accepts (datadog.md, "Timestamps"). */
export const AHEAD = 600;

/** Seconds that are remembered as stamped: some for every window whose metrics can still come, and more for what flushes took. */
const STAMPS_PER_WINDOW = 4;
const STAMPS = 1000;

export type AggregateDeps = {
  storage: Storage;
  clock: Clock;
  /** This process, for the lease. */
  owner: string;
  /** Of the points. */
  host: string;
  /** Seconds: AGGREGATE_INTERVAL. */
  interval: number;
  /** Seconds: METRIC_TTL. */
  ttl: number;
  wrapper: Wrapper;
  parse: ParseRawMetric;
  newKey: () => string;
};

export type AggregateOptions = {
  /** Also close the window that is still open: what `flush` and the last pass do. */
  openWindow: boolean;
  /** Seconds to wait for another process that aggregates. */
  patience: number;
  /** Is told after each batch. */
  progress?: () => void;
};

export type AggregateReport = {
  /** Raw metrics that are in points now. */
  raw: number;
  points: number;
  expired: number;
  rejected: RejectedCount;
  /** Raw metrics that wait because every second of the newest window is taken. */
  left: number;
};

/**
 * One pass over the raw queue: windows that are over become points, batch after batch, each in one atomic step that stores
 * the points, removes their raw metrics and notes the seconds that are taken.
 */
export async function aggregate(
  deps: AggregateDeps,
  options: AggregateOptions,
  signal: AbortSignal,
): Promise<AggregateReport> {
  const lease = { name: RAW, owner: deps.owner };
  if (await nothingToDo(deps, options.openWindow)) return emptyReport();
  return withLease(deps, lease, { patience: options.patience, signal }, async () => {
    const now = deps.clock.now();
    const oldest = now - deps.ttl;
    const open = Math.floor(now / deps.interval) * deps.interval;
    const before = options.openWindow ? now + AHEAD : open;
    const newest = options.openWindow ? open : open - deps.interval;
    const report = emptyReport();

    report.expired += await deps.storage.expire(RAW, oldest);
    await deps.storage.keepStamps(STAMPS_PER_WINDOW * Math.ceil(deps.ttl / deps.interval) + STAMPS);
    const strays = await deps.storage.peek(RAW, { ...BATCH, from: END_OF_TIME });
    let records = strays.length > 0 ? strays : await deps.storage.peek(RAW, { ...BATCH, before });
    while (records.length > 0 && !signal.aborted) {
      const batch = sortBatch(records, deps.parse, {
        oldest,
        before: records === strays ? oldest : before,
      });
      const entries = isFull(records)
        ? withoutCutWindow(batch.entries, records, deps.interval)
        : batch.entries;
      const used = new Set(
        await deps.storage.stamps(...stampRange(entries, { interval: deps.interval, newest })),
      );
      const closed = closeWindows(entries, { interval: deps.interval, wrapper: deps.wrapper, newest, used });
      const rejected = rejectedOf(batch, closed.refused, records);
      report.left = closed.left.length;
      const done = closed.keys.length + batch.expired.length + batch.misplaced.length + rejected.length;
      if (done === 0) break;
      await deps.storage.commit({
        lease,
        stamps: closed.stamps,
        ...moves(deps, closed, batch, rejected, now),
      });
      report.raw += closed.keys.length;
      report.points += closed.points.length;
      report.expired += batch.expired.length;
      countRejected(report.rejected, rejected);
      options.progress?.();
      records = await deps.storage.peek(RAW, { ...BATCH, before });
    }
    return report;
  });
}

/** A lease is written to the SD card twice: it is not taken for a queue that has no record of a window that is over. */
async function nothingToDo(
  { storage, clock, interval }: AggregateDeps,
  openWindow: boolean,
): Promise<boolean> {
  const before = openWindow ? Number.POSITIVE_INFINITY : Math.floor(clock.now() / interval) * interval;
  const { count, newest = 0 } = await storage.size(RAW, { before });
  return count === 0 && newest < END_OF_TIME;
}

function emptyReport(): AggregateReport {
  return { raw: 0, points: 0, expired: 0, rejected: { count: 0, first: undefined }, left: 0 };
}

/** More records may lie behind these. */
function isFull(records: readonly StoredRecord[]): boolean {
  return (
    records.length >= BATCH.limit ||
    records.reduce((bytes, record) => bytes + record.bytes, 0) >= BATCH.maxBytes
  );
}

/** Without the windows that the end of the batch cuts in two, unless there is no other. */
function withoutCutWindow(entries: Entry[], records: readonly StoredRecord[], interval: number): Entry[] {
  const end = Math.floor((records.at(-1)?.at ?? 0) / interval) * interval;
  const whole = entries.filter(({ measurement }) => measurement.timestamp < end);
  return whole.length > 0 ? whole : entries;
}

function rejectedOf(
  batch: Batch,
  refused: readonly { key: string; reason: string }[],
  records: readonly StoredRecord[],
): Rejected[] {
  const unreadable = batch.rejected.map(
    ({ record: { key, body }, reason }): Rejected => ({ key, body, reason }),
  );
  if (refused.length === 0) return unreadable;
  const bodies = new Map(records.map(({ key, body }) => [key, body]));
  return [
    ...unreadable,
    ...refused.map(({ key, reason }): Rejected => ({ key, body: bodies.get(key), reason })),
  ];
}

function moves(
  { host, newKey }: AggregateDeps,
  { keys, points }: { keys: string[]; points: Point[] },
  { expired, misplaced }: Batch,
  rejected: readonly Rejected[],
  now: number,
): Pick<Change, "remove" | "add"> {
  const reject = rejectRecords(RAW, rejected, now);
  const replaced = misplaced.map(
    ({ record: { key, body }, at }): NewRecord => ({ key, at, body: body ?? "" }),
  );
  return {
    remove: [{ queue: RAW, keys: [...keys, ...expired] }, ...reject.remove],
    add: [
      { queue: WRAPPED, records: pointRecords(points, host, newKey) },
      { queue: RAW, records: replaced },
      ...reject.add,
    ],
  };
}
