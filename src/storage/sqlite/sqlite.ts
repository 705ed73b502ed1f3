import { geteuid } from "node:process";
import type { DatabaseSync } from "node:sqlite";
import { setImmediate } from "node:timers/promises";
import { LeaseLost, StorageError } from "../../errors.ts";
import { checkChange, droppedNotes, REJECTED_KEPT } from "../check-change.ts";
import type { Change, DropReason, KeyedStorage, Lease } from "../storage.ts";
import { type Medium, openDatabase, openForReading } from "./database.ts";
import { explainSqliteError, isDamage } from "./errors.ts";
import { peek } from "./peek.ts";
import { carryOver, identityOf } from "./replaced.ts";
import { queueNumber } from "./schema.ts";
import { shrink } from "./shrink.ts";
import { prepareStatements, type Statements, transaction } from "./statements.ts";
import { storedBody } from "./stored-body.ts";

export type SqliteDeps = {
  /** Unix seconds, for leases. */
  now(): number;
  /** Returns the state of the process that holds a lease. */
  fateOf(owner: string): "alive" | "gone" | "unknown";
  /** Receives a message when a damaged database was renamed, or one was removed while it was in use. */
  warn(message: string): void;
};

export type SqliteOptions = {
  /** Opens the file for each operation, so that it sees what the agent does and leaves nothing behind. */
  readOnly?: boolean;
  /** On a card (the default) every commit survives a power cut, and long texts are deflated. */
  medium?: Medium;
  /** Opens the file at the first operation, which then rejects instead of this call: for a card that may fail. */
  lazy?: boolean;
};

/** Records that one step of `expire` removes. */
const EXPIRE_STEP = 5000;

/**
 * Opens queues in one SQLite file (or `:memory:`), shared by the processes of one machine. Throws StorageError when the file
 * cannot be created or written. Renames a damaged file when it is opened, and at the next operation after damage was found.
 * Operations are synchronous: a commit blocks until the disk has written it.
 */
export function openSqlite(path: string, deps: SqliteDeps, options: SqliteOptions = {}): KeyedStorage {
  const { readOnly = false, medium = "card", lazy = readOnly } = options;
  let connection: Statements | undefined;
  /** Of the file that is open. */
  let identity: number | undefined;
  let damaged = false;
  let closed = false;
  if (!lazy) using(() => {});

  function using<T>(work: (connection: Statements) => T): T {
    if (closed) throw new StorageError("The storage is closed.");
    try {
      if (connection !== undefined && identityOf(path) !== identity) replace(connection.database);
      connection ??= open();
      return work(connection);
    } catch (error) {
      damaged = isDamage(error);
      if (damaged) disconnect();
      throw explainSqliteError(error, path, geteuid?.() ?? 0);
    } finally {
      if (readOnly) disconnect();
    }
  }

  function open(): Statements {
    const database = readOnly ? openForReading(path) : openDatabase(path, deps, medium, damaged);
    identity = identityOf(path);
    return prepareStatements(database);
  }

  /** Continues in the file that is at the path now, or in a new one, after the one in use was removed. */
  function replace(old: DatabaseSync): void {
    const next = open();
    const kept = carryOver(old, path);
    old.close();
    connection = next;
    const records = kept === undefined ? "what was queued in it is lost" : `its ${kept} records are kept`;
    deps.warn(`The database ${path} was removed or replaced while it was in use; ${records}.`);
  }

  function disconnect(): void {
    connection?.database.close();
    connection = undefined;
  }

  return {
    shared: false,

    async commit(change) {
      checkChange(change);
      using((c) => transaction(c, () => apply(c, change, deps.now(), medium === "card")));
    },

    async peek(queue, peekOptions) {
      return using((c) => peek(c, queue, peekOptions));
    },

    async holds(queue, keys) {
      return using((c) => keys.some((key) => c.has.get(queueNumber(queue), key) !== undefined));
    },

    async expire(queue, before, reason) {
      let removed = 0;
      for (;;) {
        const step = using((c) => transaction(c, () => expireStep(c, queueNumber(queue), before, reason)));
        removed += step.weight;
        if (step.records < EXPIRE_STEP) return removed;
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

    async weight(queue, range) {
      return using((c) => {
        const id = queueNumber(queue);
        const { from = -Infinity, before = Infinity } = range ?? {};
        const found = range === undefined ? c.weight.get(id) : c.weightRange.get(id, from, before);
        return Number(found?.weight);
      });
    },

    async note(name) {
      return using((c) => c.note.get(name)?.text as string | undefined);
    },

    async notes(prefix) {
      return using((c) =>
        Object.fromEntries(c.notes.all(prefix, prefix).map(({ name, text }) => [String(name), String(text)])),
      );
    },

    async acquire(lease, seconds) {
      return using((c) => transaction(c, () => acquire(c, lease, seconds, deps)));
    },

    async release({ name, owner }) {
      using((c) => c.removeLease.run(name, owner));
    },

    async repair() {
      using(shrink);
      return [];
    },

    async bytes() {
      return using((c) => Number(c.pages.get()?.bytes));
    },

    async room() {
      return undefined;
    },

    async persist() {
      using(() => {});
    },

    async close() {
      closed = true;
      disconnect();
    },
  };
}

function apply(c: Statements, change: Change, now: number, deflate: boolean): void {
  const { lease, remove, add, stamps, notes } = change;
  if (lease !== undefined) renew(c, lease, now);
  for (const { queue, keys } of remove ?? []) {
    const id = queueNumber(queue);
    for (const key of keys) c.remove.run(id, key);
  }
  for (const { queue, records } of add ?? []) {
    const id = queueNumber(queue);
    for (const { key, at, body, weight = 1 } of records) {
      const stored = storedBody(body, deflate);
      c.add.run(id, at, key, weight, stored.bytes, stored.sum, stored.body);
    }
    if (queue.endsWith(":rejected"))
      for (const { key } of c.excess.all(id, REJECTED_KEPT)) c.remove.run(id, key as string);
  }
  for (const second of stamps ?? []) c.addStamp.run(second);
  for (const [name, text] of Object.entries(notes ?? {})) c.writeNote.run(name, text);
  for (const [name, number] of droppedNotes(change)) c.addToNote.run(name, `${number}`);
}

function renew(c: Statements, { name, owner }: Lease, now: number): void {
  const found = c.lease.get(name);
  if (found?.owner !== owner || Number(found.until) <= now)
    throw new LeaseLost(`The lease ${name} is no longer held.`);
  c.writeLease.run(name, owner, Number(found.seconds), now + Number(found.seconds));
}

function expireStep(
  c: Statements,
  id: number,
  before: number,
  reason: DropReason,
): { records: number; weight: number } {
  const old = c.old.all(id, before, EXPIRE_STEP);
  for (const { key } of old) c.remove.run(id, key as string);
  const weight = old.reduce((sum, row) => sum + Number(row.weight), 0);
  for (const note of droppedNotes({ dropped: { [reason]: weight } })) c.addToNote.run(note[0], `${note[1]}`);
  return { records: old.length, weight };
}

function acquire(
  c: Statements,
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
