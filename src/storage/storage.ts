/**
 * The storage port: queues of JSON records that survive restarts, and one atomic operation that changes them.
 * Adapters: redis/ (layout shared with chouette-iot-client) and sqlite/. Both pass test/storage/contract.ts.
 * Every operation rejects with StorageError when the storage is unreachable, and may be retried later.
 */

/** The queues that other programs know. */
export const SHARED_QUEUES = [
  "chouette:metrics:raw",
  "chouette:metrics:wrapped",
  "chouette:logs:wrapped",
] as const;

/** Their places are numbers in databases (sqlite/schema.ts): the list may only grow at its end. */
export const QUEUES = [
  ...SHARED_QUEUES,
  "chouette:distributions:wrapped",
  "chouette:sketches:wrapped",
  "chouette:events:wrapped",
  "chouette:checks:wrapped",
] as const;

export type DataQueue = (typeof QUEUES)[number];

/** Queues of records that can never be sent: bounded, kept for `inspect-queue`, never read by a job. */
export type RejectedQueue = `${DataQueue}:rejected`;

/** The redo log of a spool (spool/redo-log.ts), and what an agent built of raw metrics (spool/closings.ts): neither shown nor sent. */
export type SpoolQueue = "chouette:spool" | "chouette:closings";

export type QueueName = DataQueue | RejectedQueue | SpoolQueue;

/** Every queue, those of the rejected records last. */
export const ALL_QUEUES: readonly QueueName[] = [
  ...QUEUES,
  ...QUEUES.map((queue) => `${queue}:rejected` as const),
];

/** Notes whose names begin with this are positions in sources of logs: what was read of a source is in the queue of logs, or delivered. */
export const LOG_NOTES = "logs:";

/** Note: Unix second before which the storage may have forgotten stamps, after a power cut; 0 where that cannot be. */
export const STAMPS_SINCE = "stamps-since";

/** How much of its limit a storage has taken: QUEUE_MAX_BYTES, or QUEUE_MAX_RECORDS. */
export type Room = { used: number; most: number; unit: "bytes" | "records" };

/** Names of the notes that count dropped records since the installation, by reason, begin with this. */
export const DROPPED_NOTES = "dropped:";

/**
 * Why records were dropped: `overflow` is beyond a limit of series or of a storage, `damaged` what the medium changed, `too_old` what the
 * intake would throw away, `unplaced` captures whose time is not known.
 */
export type DropReason =
  | "expired"
  | "too_old"
  | "rejected"
  | "malformed"
  | "overflow"
  | "damaged"
  | "unplaced";

export type Dropped = Readonly<Partial<Record<DropReason, number>>>;

export type NewRecord = {
  /** Unique within the queue, a UUID; a record with the same key replaces the old one. */
  key: string;
  /** Unix seconds: decides the order of the queue and when the record expires. Must be finite. */
  at: number;
  /** JSON text, as applications wrote it or as Chouette encoded it. */
  body: string;
  /** Points that the record holds when it holds several series; never in a storage that is `shared`. */
  weight?: number;
};

export type StoredRecord = Omit<NewRecord, "body"> & {
  /** The stored text; undefined when the key has no value, or the value exceeds `PeekOptions.maxBody`. */
  body: string | undefined;
  /** Length of the stored value in bytes; 0 when the key has no value. */
  bytes: number;
  /** True when the checksum shows that the medium changed the value, which is then not read. */
  damaged?: boolean;
};

/** Counts records as `Storage.weight` does. */
export function weightOf(records: readonly { weight?: number }[]): number {
  return records.reduce((sum, { weight = 1 }) => sum + weight, 0);
}

export type PeekOptions = {
  /** At most this many records. */
  limit: number;
  /** At most this many bytes of bodies in total, but always one record. */
  maxBytes: number;
  /** Values longer than this many bytes are not read. */
  maxBody: number;
  /** Only records with `from <= at`. */
  from?: number;
  /** Only records with `at < before`. */
  before?: number;
} & (
  | {
      /** Only records behind this one in the order of the queue, whether it is still there or not. */
      after?: { at: number; key: string };
      newestFirst?: undefined;
    }
  | {
      /** In the opposite order: by `at`, then by key, both descending. */
      newestFirst: true;
      after?: undefined;
    }
);

/** One atomic change, applied in the order of the fields. */
export type Change = {
  /** Must be held, else the change rejects with LeaseLost and nothing happens; the change renews it. */
  lease?: Lease;
  /** Unknown keys are ignored. */
  remove?: readonly { queue: QueueName; keys: readonly string[] }[];
  /** A queue named `…:rejected` keeps its newest 1000 records. */
  add?: readonly { queue: QueueName; records: readonly NewRecord[] }[];
  /** Unix seconds at which this change builds points, see `stamps`. */
  stamps?: readonly number[];
  /** Small documents by name, e.g. the outcome of the last delivery. At most 4 kB each. */
  notes?: Readonly<Record<string, string>>;
  /** Records that this change drops, by reason: they are added to the notes `dropped:REASON`. */
  dropped?: Dropped;
};

/** The right of the process `owner` to consume the queue `name`, or to be the agent. */
export type Lease = { name: string; owner: string };

export type QueueSize = {
  count: number;
  /** Unix seconds of the first and last record; undefined when the queue is empty. */
  oldest: number | undefined;
  newest: number | undefined;
};

export type Storage = {
  /** True when other programs use the queues too, and know records of one series only. */
  readonly shared: boolean;

  /** Applies the change as one atomic step. Rejects a record whose `at` is not finite before anything is written. */
  commit(change: Change): Promise<void>;

  /** Returns the first records by `at`, then by key, or with `newestFirst` the last ones, without removing them. */
  peek(queue: QueueName, options: PeekOptions): Promise<StoredRecord[]>;

  /**
   * Removes records strictly older than `before`, in bounded steps, each of which counts them as dropped; resolves to their number,
   * a record of several points counted as so many.
   */
  expire(queue: QueueName, before: number, reason: DropReason): Promise<number>;

  /**
   * Returns the seconds in [from, to) at which points were already built, ascending. A second is stamped once, so that a series
   * never gets two values there. `keepStamps` keeps the latest `count` (a spool: of each level), rather than those after some
   * time: otherwise a clock that runs ahead for a while would delete the stamps of the time to which it returns.
   */
  stamps(from: number, to: number): Promise<number[]>;
  keepStamps(count: number): Promise<void>;

  /** Counts the records with `from <= at < before`, or all without a range, and returns the ends of the whole queue. */
  size(queue: QueueName, range?: { from?: number; before?: number }): Promise<QueueSize>;

  /** Counts what people know of: records, but the points of a record that holds several. Ranges are those of `size`. */
  weight(queue: QueueName, range?: { from?: number; before?: number }): Promise<number>;

  /** Returns a document written by `commit`, or undefined. */
  note(name: string): Promise<string | undefined>;

  /** Returns the documents whose names begin with `prefix`, by name. */
  notes(prefix: string): Promise<Record<string, string>>;

  /**
   * Takes or renews the lease for `seconds`. Resolves to undefined when it is ours now, else to the owner that holds it.
   * An owner that is known to be alive keeps it, whatever clocks say (Redis itself forgets it when it has run out). Otherwise it is
   * taken when it has run out, when its owner is known to be gone, and when it would last longer than `seconds` from now,
   * because the clock was set back since.
   */
  acquire(lease: Lease, seconds: number): Promise<string | undefined>;
  /** Releases the lease if it is ours. */
  release(lease: Lease): Promise<void>;

  /**
   * Repairs what other programs left in the queue: renames a key of the wrong type, gives a key to a value that has none.
   * Does a bounded amount of work. Resolves to a log message for each repair; always [] for SQLite, which cannot get into that state,
   * and whose file shrinks here after a drained backlog.
   */
  repair(queue: DataQueue): Promise<string[]>;

  /** Returns the bytes that all queues take on their medium; undefined when the storage does not know. */
  bytes(): Promise<number | undefined>;

  /** Returns what is used of the limit; undefined where there is none. */
  room(): Promise<Room | undefined>;

  /**
   * Makes what is only in RAM survive a power cut: all; "logs", those of logs together with the positions of their sources;
   * "notes", some notes alone; or "backlog", what waits for the network, without service checks, which expire soon, and raw metrics of the last minute, which are
   * not worth a write. Does nothing where every commit survives a power cut.
   */
  persist(what?: "logs" | "backlog" | "notes"): Promise<void>;

  /** Closes the storage without waiting; every later operation rejects. */
  close(): Promise<void>;
};

/** A storage that RAM may stand before. */
export type KeyedStorage = Storage & {
  /** True when the queue has a record with one of these keys. */
  holds(queue: QueueName, keys: readonly string[]): Promise<boolean>;
};
