/**
 * The storage port: queues of JSON records that survive restarts, and the one atomic step that changes them.
 * Adapters: redis/ (layout shared with chouette-iot-client) and sqlite/. Both pass test/storage/contract.ts.
 * Every operation rejects with StorageError when the storage is out of reach; it may be called again later.
 */

export const QUEUES = ["chouette:metrics:raw", "chouette:metrics:wrapped", "chouette:logs:wrapped"] as const;

export type DataQueue = (typeof QUEUES)[number];

/** Where records go that can never be sent: bounded, kept for `inspect-queue`, never read by a job. */
export type RejectedQueue = `${DataQueue}:rejected`;

export type QueueName = DataQueue | RejectedQueue;

/** Every queue, those of the rejected records last. */
export const ALL_QUEUES: readonly QueueName[] = [
  ...QUEUES,
  ...QUEUES.map((queue) => `${queue}:rejected` as const),
];

export type NewRecord = {
  /** Unique within the queue, a UUID; a record with the same key replaces the old one. */
  key: string;
  /** Unix seconds: the order of the queue and what expiry looks at. Must be finite. */
  at: number;
  /** JSON text, as applications wrote it or as Chouette encoded it. */
  body: string;
};

export type StoredRecord = Omit<NewRecord, "body"> & {
  /** The stored text; undefined where the key has no value, or where the value is over `PeekOptions.maxBody`. */
  body: string | undefined;
  /** Length of the stored value in bytes; 0 where the key has no value. */
  bytes: number;
};

export type PeekOptions = {
  /** At most this many records. */
  limit: number;
  /** Stop once the bodies together pass this many bytes; one record is always returned. */
  maxBytes: number;
  /** A value longer than this many bytes is not read. */
  maxBody: number;
  /** Only records with `from <= at`. */
  from?: number;
  /** Only records with `at < before`. */
  before?: number;
};

/** One atomic change: all of it happens or none. Applied in the order of the fields. */
export type Change = {
  /** The change is refused with LeaseLost, and nothing happens, when this lease is no longer held; otherwise the lease is renewed. */
  lease?: Lease;
  /** Unknown keys are fine. */
  remove?: readonly { queue: QueueName; keys: readonly string[] }[];
  /** A queue named `…:rejected` keeps its newest 1000 records; the oldest go. */
  add?: readonly { queue: QueueName; records: readonly NewRecord[] }[];
  /** Seconds (Unix) at which points were built now, see `stamps`. */
  stamps?: readonly number[];
  /** Small documents by name, e.g. the outcome of the last delivery. At most 4 kB each. */
  notes?: Readonly<Record<string, string>>;
};

/** The right to consume one queue (or to be the agent): `name` says which, `owner` which process. */
export type Lease = { name: string; owner: string };

export type QueueSize = {
  count: number;
  /** Unix seconds of the first and last record; undefined when the queue is empty. */
  oldest: number | undefined;
  newest: number | undefined;
};

export type Storage = {
  /** Applies the change as one atomic step. Rejects a record whose `at` is not finite before anything is written. */
  commit(change: Change): Promise<void>;

  /** The first records by `at`, then by key; removes nothing; [] when there are none. */
  peek(queue: QueueName, options: PeekOptions): Promise<StoredRecord[]>;

  /** Removes records strictly older than `before`, in bounded steps; says how many. */
  expire(queue: QueueName, before: number): Promise<number>;

  /**
   * Seconds in [from, to) at which points have been built already, ascending. A second is stamped once, so that a series
   * never gets a second value there. `keepStamps` forgets all but the latest so many: not those before a time, because a clock
   * that runs ahead for a while would make it forget those of the time to which it returns.
   */
  stamps(from: number, to: number): Promise<number[]>;
  keepStamps(count: number): Promise<void>;

  /** How many records there are with `from <= at < before` (all without bounds), and the ends of the whole queue. */
  size(queue: QueueName, range?: { from?: number; before?: number }): Promise<QueueSize>;

  /** A document written by `commit`, or undefined. */
  note(name: string): Promise<string | undefined>;

  /**
   * Takes or renews the lease for `seconds`. Resolves undefined when it is ours now, else the owner that holds it.
   * Taken over: a lease that has run out, one whose owner is known to be gone, and one that would last longer than
   * `seconds` from now (the clock was set back since).
   */
  acquire(lease: Lease, seconds: number): Promise<string | undefined>;
  /** Gives the lease up if it is ours. */
  release(lease: Lease): Promise<void>;

  /**
   * Mends what strangers left behind: a queue key of the wrong type is moved aside, a value without a key gets one.
   * Does a bounded amount of work; says what it mended, for the log. SQLite cannot get into that state: [].
   */
  repair(queue: DataQueue): Promise<string[]>;

  /** Waits for nothing; after it every operation rejects. */
  close(): Promise<void>;
};
