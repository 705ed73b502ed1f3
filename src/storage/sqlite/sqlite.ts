import { geteuid } from "node:process";
import type { DatabaseSync } from "node:sqlite";
import { setImmediate } from "node:timers/promises";
import { LeaseLost, StorageError } from "../../errors.ts";
import { checkChange, REJECTED_KEPT } from "../check-change.ts";
import type { Change, Lease, PeekOptions, QueueName, Storage, StoredRecord } from "../storage.ts";
import { openDatabase, openForReading } from "./database.ts";
import { explainSqliteError, isDamage } from "./errors.ts";
import { queueNumber } from "./schema.ts";

export type SqliteDeps = {
  /** Unix seconds, for leases. */
  now(): number;
  /** Returns the state of the process that holds a lease. */
  fateOf(owner: string): "alive" | "gone" | "unknown";
  /** Receives a message when a damaged database was renamed. */
  warn(message: string): void;
};

/** Records that one step of `expire` removes. */
const EXPIRE_STEP = 5000;

/**
 * Opens queues in one SQLite file (or `:memory:`), shared by the processes of one machine. Throws StorageError when the file
 * cannot be created or written. Renames a damaged file when it is opened, and at the next operation after damage was found.
 * Operations are synchronous: a commit blocks until the disk has written it.
 * `readOnly`: opens the file for each operation, so that it sees what the agent does and leaves nothing behind.
 */
export function openSqlite(path: string, deps: SqliteDeps, options: { readOnly?: boolean } = {}): Storage {
  let connection: Connection | undefined;
  let damaged = false;
  let closed = false;
  if (options.readOnly !== true) using(() => {});

  function using<T>(work: (connection: Connection) => T): T {
    if (closed) throw new StorageError("The storage is closed.");
    try {
      connection ??= connectionTo(
        options.readOnly ? openForReading(path) : openDatabase(path, deps, damaged),
      );
      return work(connection);
    } catch (error) {
      damaged = isDamage(error);
      if (damaged) disconnect();
      throw explainSqliteError(error, path, geteuid?.() ?? 0);
    } finally {
      if (options.readOnly) disconnect();
    }
  }

  function disconnect(): void {
    connection?.database.close();
    connection = undefined;
  }

  return {
    async commit(change) {
      checkChange(change);
      using((c) => transaction(c, () => apply(c, change, deps.now())));
    },

    async peek(queue, peekOptions) {
      return using((c) => peek(c, queue, peekOptions));
    },

    async expire(queue, before) {
      let removed = 0;
      for (;;) {
        const step = using((c) => transaction(c, () => expireStep(c, queueNumber(queue), before)));
        removed += step;
        if (step < EXPIRE_STEP) return removed;
        await setImmediate();
      }
    },

    async stamps(from, to) {
      return using((c) => c.stamps.all(from, to).map(({ second }) => Number(second)));
    },

    async keepStamps(count) {
      using((c) => c.removeStamps.run(count));
    },

    async size(queue, range) {
      return using((c) => {
        const id = queueNumber(queue);
        const { from = -Infinity, before = Infinity } = range ?? {};
        const count = range === undefined ? c.count.get(id) : c.countRange.get(id, from, before);
        const ends = c.ends.get(id, id);
        return {
          count: Number(count?.count),
          oldest: (ends?.oldest as number | null) ?? undefined,
          newest: (ends?.newest as number | null) ?? undefined,
        };
      });
    },

    async note(name) {
      return using((c) => c.note.get(name)?.text as string | undefined);
    },

    async acquire(lease, seconds) {
      return using((c) => transaction(c, () => acquire(c, lease, seconds, deps)));
    },

    async release({ name, owner }) {
      using((c) => c.removeLease.run(name, owner));
    },

    async repair() {
      return using(() => []);
    },

    async close() {
      closed = true;
      disconnect();
    },
  };
}

type Connection = ReturnType<typeof connectionTo>;

/** Prepares every statement on the database. */
function connectionTo(database: DatabaseSync) {
  const prepare = (sql: string) => database.prepare(sql);
  return {
    database,
    add: prepare("INSERT OR REPLACE INTO record (queue, at, key, body) VALUES (?, ?, ?, ?)"),
    remove: prepare("DELETE FROM record WHERE queue = ? AND key = ?"),
    // octet_length reads only the header of a row, so that the CASE never reads a value that is too long.
    peek: prepare(`SELECT key, at, octet_length(body) AS bytes, CASE WHEN octet_length(body) <= ? THEN body END AS body
      FROM record WHERE queue = ? AND at >= ? AND at < ? AND (at > ? OR key > ?) ORDER BY at, key LIMIT ?`),
    old: prepare("SELECT key FROM record WHERE queue = ? AND at < ? ORDER BY at, key LIMIT ?"),
    excess: prepare("SELECT key FROM record WHERE queue = ? ORDER BY at DESC, key DESC LIMIT -1 OFFSET ?"),
    count: prepare("SELECT count(*) AS count FROM record WHERE queue = ?"),
    countRange: prepare("SELECT count(*) AS count FROM record WHERE queue = ? AND at >= ? AND at < ?"),
    ends: prepare(`SELECT (SELECT min(at) FROM record WHERE queue = ?) AS oldest,
      (SELECT max(at) FROM record WHERE queue = ?) AS newest`),
    addStamp: prepare("INSERT OR IGNORE INTO stamp (second) VALUES (?)"),
    stamps: prepare("SELECT second FROM stamp WHERE second >= ? AND second < ? ORDER BY second"),
    removeStamps: prepare(
      "DELETE FROM stamp WHERE second <= (SELECT second FROM stamp ORDER BY second DESC LIMIT 1 OFFSET ?)",
    ),
    writeNote: prepare("INSERT OR REPLACE INTO note (name, text) VALUES (?, ?)"),
    note: prepare("SELECT text FROM note WHERE name = ?"),
    lease: prepare("SELECT owner, seconds, until FROM lease WHERE name = ?"),
    writeLease: prepare("INSERT OR REPLACE INTO lease (name, owner, seconds, until) VALUES (?, ?, ?, ?)"),
    removeLease: prepare("DELETE FROM lease WHERE name = ? AND owner = ?"),
  };
}

/** Runs `work` in a transaction; IMMEDIATE waits for the write lock here, not in the middle. */
function transaction<T>({ database }: Connection, work: () => T): T {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    try {
      database.exec("ROLLBACK");
    } catch {
      // After some errors (disk full, I/O) SQLite has already rolled back and fails with "no transaction is active".
    }
    throw error;
  }
}

function apply(c: Connection, { lease, remove, add, stamps, notes }: Change, now: number): void {
  if (lease !== undefined) renew(c, lease, now);
  for (const { queue, keys } of remove ?? []) {
    const id = queueNumber(queue);
    for (const key of keys) c.remove.run(id, key);
  }
  for (const { queue, records } of add ?? []) {
    const id = queueNumber(queue);
    for (const { key, at, body } of records) c.add.run(id, at, key, body);
    if (queue.endsWith(":rejected"))
      for (const { key } of c.excess.all(id, REJECTED_KEPT)) c.remove.run(id, key as string);
  }
  for (const second of stamps ?? []) c.addStamp.run(second);
  for (const [name, text] of Object.entries(notes ?? {})) c.writeNote.run(name, text);
}

function renew(c: Connection, { name, owner }: Lease, now: number): void {
  const found = c.lease.get(name);
  if (found?.owner !== owner || Number(found.until) <= now)
    throw new LeaseLost(`The lease ${name} is no longer held.`);
  c.writeLease.run(name, owner, Number(found.seconds), now + Number(found.seconds));
}

function peek(c: Connection, queue: QueueName, options: PeekOptions): StoredRecord[] {
  const { limit, maxBytes, maxBody, from = -Infinity, before = Infinity } = options;
  const after = options.after ?? { at: -Infinity, key: "" };
  const first = Math.max(from, after.at);
  const records: StoredRecord[] = [];
  let total = 0;
  for (const row of c.peek.iterate(maxBody, queueNumber(queue), first, before, after.at, after.key, limit)) {
    const record = row as { key: string; at: number; bytes: number; body: string | null };
    if (record.body !== null) total += record.bytes;
    if (total > maxBytes && records.length > 0) break;
    records.push({ key: record.key, at: record.at, body: record.body ?? undefined, bytes: record.bytes });
  }
  return records;
}

function expireStep(c: Connection, id: number, before: number): number {
  const old = c.old.all(id, before, EXPIRE_STEP);
  for (const { key } of old) c.remove.run(id, key as string);
  return old.length;
}

function acquire(
  c: Connection,
  { name, owner }: Lease,
  seconds: number,
  { now, fateOf }: SqliteDeps,
): string | undefined {
  const found = c.lease.get(name);
  const holder = String(found?.owner ?? owner);
  const left = Number(found?.until ?? 0) - now();
  // One second of tolerance: adding and subtracting Unix seconds rounds, and both may run at the same moment.
  const isHeld = left > 0 && left <= seconds + 1;
  const fate = holder === owner ? "gone" : fateOf(holder);
  if (fate === "alive" || (fate === "unknown" && isHeld)) return holder;
  c.writeLease.run(name, owner, seconds, now() + seconds);
  return undefined;
}
