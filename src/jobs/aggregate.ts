import { openWindows, windowStart } from "../aggregate/open-windows.ts";
import { sortBatch } from "../aggregate/sort-batch.ts";
import type { Wrapper } from "../aggregate/wrapper.ts";
import type { ParseRawMetric } from "../records/raw-metric.ts";
import { END_OF_TIME } from "../records/time.ts";
import type { Clock } from "../schedule/clock.ts";
import type { ClockTrust } from "../schedule/device-clock.ts";
import type { StoredRecord } from "../storage/storage.ts";
import { type AggregateReport, aggregateCommits, BATCH, type CommitDeps, RAW } from "./aggregate-commits.ts";
import { withLease } from "./lease.ts";

/** Raw metrics of windows that are over that are worth a commit: a larger one keeps Redis longer from others. */
const COMMIT = 4000;

/** Series of live windows that are taken up at a time. */
const TAKEN = 1000;

/** Bytes of what the windows hold, above which they are closed before all of them has been read. */
const MOST_HELD = 24_000_000;

/** Seconds ahead of the clock that `flush` still takes: what the intake accepts (datadog.md, "Timestamps"). */
export const AHEAD = 600;

/** Seconds that are remembered as stamped: some for every window whose metrics can still come, and more for what flushes took. */
const STAMPS_PER_WINDOW = 4;
const STAMPS = 1000;

export type AggregateDeps = CommitDeps & {
  clock: Clock;
  /** Seconds: METRIC_TTL. */
  ttl: number;
  wrapper: Wrapper;
  parse: ParseRawMetric;
  /** What is known about the clock; undefined: it is right. */
  trust?: ClockTrust | undefined;
  /** MAX_SERIES: series of applications that a window takes. */
  maxSeries?: number;
  /** DISTRIBUTION_POINTS_MAX. */
  mostValues?: number;
};

export type AggregateOptions = {
  /** Also close the window that is still open: what `flush` and the last pass do. */
  openWindow: boolean;
  /** Seconds to wait for another process that aggregates. */
  patience: number;
  /** Called after each batch. */
  progress?: () => void;
};

/**
 * One pass over the raw queue: records are folded into their windows while they are read, and windows that are over become
 * points, each in one atomic step that stores the points, removes their raw metrics and notes the seconds that are taken.
 */
export async function aggregate(
  deps: AggregateDeps,
  options: AggregateOptions,
  signal: AbortSignal,
): Promise<AggregateReport> {
  const lease = { name: RAW, owner: deps.owner };
  if (await nothingToDo(deps, options.openWindow)) return emptyReport();
  return withLease(deps, lease, { patience: options.patience, signal }, async (keep) => {
    const { storage, interval } = deps;
    const now = deps.clock.now();
    const oldest = deps.trust?.agreed() === false ? 0 : now - deps.ttl;
    const open = windowStart(now, interval);
    const before = options.openWindow ? now + AHEAD : open;
    const newest = options.openWindow ? open : open - interval;
    const report = emptyReport();
    const { wrapper, maxSeries = Number.POSITIVE_INFINITY, mostValues } = deps;
    const windows = openWindows({
      interval,
      wrapper,
      newest,
      maxSeries,
      ...(mostValues !== undefined && { mostValues }),
    });
    const breathe = () => deps.clock.sleep(0, signal);
    const commits = aggregateCommits(deps, windows, report, now, breathe);

    report.expired += await storage.expire(RAW, oldest, "expired");
    await storage.keepStamps(STAMPS_PER_WINDOW * Math.ceil(deps.ttl / interval) + STAMPS);
    const strays = await storage.peek(RAW, { ...BATCH, from: END_OF_TIME });
    await commits.putAside(sortBatch(strays, deps.parse, { oldest, before: oldest }));
    for (const { start, groups } of deps.live?.take(before) ?? [])
      for (let at = 0; at < groups.length; at += TAKEN) {
        windows.addLive(start, groups.slice(at, at + TAKEN));
        await breathe();
      }
    let after: StoredRecord | undefined;
    while (!signal.aborted) {
      await keep();
      const records = await storage.peek(RAW, { ...BATCH, before, ...(after && { after }) });
      after = records.at(-1);
      if (after === undefined) {
        await commits.closeAll();
        break;
      }
      const batch = sortBatch(records, deps.parse, { oldest, before });
      const beyond = batch.entries.filter((entry) => !windows.add(entry));
      await commits.putAside(batch, beyond);
      const ended = windows.before(windowStart(after.at, interval));
      if (windows.bytes() > MOST_HELD) {
        report.flood ??= windows.largest();
        await commits.closeAll();
      } else if (ended.records >= COMMIT) await commits.close(ended.windows);
      options.progress?.();
    }
    return report;
  });
}

/** A lease is written to the SD card twice: it is not taken for a queue that has no record of a window that is over. */
async function nothingToDo(
  { storage, clock, interval, live }: AggregateDeps,
  openWindow: boolean,
): Promise<boolean> {
  const before = openWindow ? Number.POSITIVE_INFINITY : Math.floor(clock.now() / interval) * interval;
  if (live?.has(before)) return false;
  const { count, newest = 0 } = await storage.size(RAW, { before });
  return count === 0 && newest < END_OF_TIME;
}

function emptyReport(): AggregateReport {
  return {
    raw: 0,
    live: 0,
    points: 0,
    expired: 0,
    rejected: { count: 0, first: undefined },
    left: 0,
    beyond: { records: 0, metric: undefined },
    flood: undefined,
  };
}
