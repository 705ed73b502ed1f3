import type { ClosedWindow } from "../aggregate/close-window.ts";
import type { LiveWindows } from "../aggregate/live-windows.ts";
import type { OpenWindows } from "../aggregate/open-windows.ts";
import type { Batch } from "../aggregate/sort-batch.ts";
import type { Entry, Window } from "../aggregate/window.ts";
import { distributionRecord, sketchRecord } from "../records/distribution.ts";
import { pointRecords } from "../records/group-points.ts";
import { MAX_RECORD_BYTES } from "../records/unreadable.ts";
import type { NewRecord, Storage } from "../storage/storage.ts";
import { countRejected, type Rejected, type RejectedCount, rejectRecords } from "./rejected.ts";
import { usedSeconds } from "./used-seconds.ts";

export const RAW = "chouette:metrics:raw";
const WRAPPED = "chouette:metrics:wrapped";
const DISTRIBUTIONS = "chouette:distributions:wrapped";
const SKETCHES = "chouette:sketches:wrapped";

/** Records read at a time: Redis takes a millisecond or two for them, in which it serves nobody else. */
export const BATCH = { limit: 1000, maxBytes: 2_000_000, maxBody: MAX_RECORD_BYTES } as const;

/** Records whose text is read again when a wrapper refuses them: the rejected queue keeps as many. */
const LOOKED_UP = 1000;

export type AggregateReport = {
  /** Raw metrics that are in points now. */
  raw: number;
  /** Series of live windows that are in points now. */
  live: number;
  points: number;
  expired: number;
  rejected: RejectedCount;
  /** Raw metrics that wait because every second of the newest window is taken. */
  left: number;
  /** Raw metrics of series beyond MAX_SERIES, which are not sent, and the metric that has most of them. */
  beyond: { records: number; metric: string | undefined };
  /** The metric that took most of the memory, if windows were closed before all of their records were read. */
  flood: string | undefined;
};

export type CommitDeps = {
  storage: Storage;
  /** This process, for the lease. */
  owner: string;
  /** Of the points. */
  host: string;
  newKey: () => string;
  /** Seconds: AGGREGATE_INTERVAL. */
  interval: number;
  /** Windows of measurements that came without a queue. */
  live?: LiveWindows | undefined;
};

/** The changes of an aggregation pass to the queues. Each is one atomic commit under the lease, then counted in the report. */
export type AggregateCommits = {
  /** Moves what a batch holds beside its entries: expired, misplaced and malformed records. */
  putAside(batch: Batch, beyond?: readonly Entry[]): Promise<void>;
  /** Stores the points of windows, removes their raw metrics and notes the seconds that are taken. */
  close(ended: readonly Window[]): Promise<void>;
  /** The same for all windows, the newest one last. */
  closeAll(): Promise<void>;
};

/** `now`: Unix seconds, for the rejected queue; `breathe` lets everything else that waits have its turn. */
export function aggregateCommits(
  { storage, owner, host, newKey, live, interval }: CommitDeps,
  windows: OpenWindows,
  report: AggregateReport,
  now: number,
  breathe: () => Promise<void>,
): AggregateCommits {
  const lease = { name: RAW, owner } as const;

  const used = (ended: readonly Window[]) => usedSeconds(storage, windows.seconds(ended), interval);

  const storeAll = async (slices: Iterable<ClosedWindow>): Promise<void> => {
    for (const slice of slices) {
      await store(slice);
      // The storage may have done its part without waiting for anything, and datagrams wait meanwhile.
      await breathe();
    }
  };

  const store = async (closed: ClosedWindow): Promise<void> => {
    const { points, distributions, sketches, stamps, keys, live: taken, refused, left } = closed;
    report.left += left.reduce((total, group) => total + group.keys.length + (group.live?.length ?? 0), 0);
    const rejected = await rejectedOf(refused);
    if (keys.length + taken.length + rejected.length === 0) return;
    const reject = rejectRecords(RAW, rejected, now);
    await storage.commit({
      lease,
      stamps,
      remove: [{ queue: RAW, keys }, ...reject.remove],
      add: [
        { queue: WRAPPED, records: pointRecords(points, { host, newKey, shared: storage.shared }) },
        {
          queue: DISTRIBUTIONS,
          records: distributions.map((one) => distributionRecord(ours(one), newKey())),
        },
        { queue: SKETCHES, records: sketches.map((one) => sketchRecord(ours(one), newKey())) },
        ...reject.add,
      ],
      dropped: reject.dropped,
    });
    live?.settle(taken);
    report.raw += keys.length;
    report.live += taken.length;
    report.points += points.length + distributions.length + sketches.length;
    countRejected(report.rejected, rejected);
  };

  const ours = <T>(built: T): T => (host === "" ? built : { ...built, host });

  const rejectedOf = async (refused: ClosedWindow["refused"]): Promise<Rejected[]> => {
    if (refused.length === 0) return [];
    const rejected = refused.flatMap(({ keys, reason }) => keys.map((key) => ({ key, reason })));
    const ofLive = refused.flatMap(({ reason, live }): Rejected[] =>
      live === undefined ? [] : [{ key: newKey(), body: live, reason }],
    );
    const texts = await textsOf(storage, new Set(rejected.slice(0, LOOKED_UP).map(({ key }) => key)));
    return [...rejected.map(({ key, reason }) => ({ key, body: texts.get(key), reason })), ...ofLive];
  };

  return {
    async putAside({ expired, misplaced, rejected }, beyond = []) {
      if (expired.length + misplaced.length + rejected.length + beyond.length === 0) return;
      const malformed = rejected.map(
        ({ record: { key, body, damaged }, reason }): Rejected => ({ key, body, reason, damaged }),
      );
      const replaced = misplaced.map(
        ({ record: { key, body }, at }): NewRecord => ({ key, at, body: body ?? "" }),
      );
      const reject = rejectRecords(RAW, malformed, now);
      await storage.commit({
        lease,
        remove: [{ queue: RAW, keys: [...expired, ...beyond.map(({ key }) => key)] }, ...reject.remove],
        add: [{ queue: RAW, records: replaced }, ...reject.add],
        dropped: { ...reject.dropped, expired: expired.length, overflow: beyond.length },
      });
      report.expired += expired.length;
      report.beyond.records += beyond.length;
      report.beyond.metric ??= beyond[0]?.measurement.series.metric;
      countRejected(report.rejected, malformed);
    },

    async close(ended) {
      await storeAll(windows.close(ended, await used(ended)));
    },

    async closeAll() {
      const ended = windows.before(Number.POSITIVE_INFINITY).windows;
      await storeAll(windows.closeAll(await used(ended)));
    },
  };
}

/** The texts of these records of the raw queue, which were read before and are not kept. */
async function textsOf(
  storage: Storage,
  keys: ReadonlySet<string>,
): Promise<Map<string, string | undefined>> {
  const texts = new Map<string, string | undefined>();
  let after: { at: number; key: string } | undefined;
  while (texts.size < keys.size) {
    const records = await storage.peek(RAW, { ...BATCH, ...(after && { after }) });
    after = records.at(-1);
    if (after === undefined) break;
    for (const { key, body } of records) if (keys.has(key)) texts.set(key, body);
  }
  return texts;
}
