import { isStorageFailure, LeaseLost, StorageError } from "../../errors.ts";
import { oneAtATime } from "../../schedule/one-at-a-time.ts";
import { countRecords } from "../bounded.ts";
import { checkChange } from "../check-change.ts";
import {
  type Change,
  DROPPED_NOTES,
  type KeyedStorage,
  type Lease,
  type QueueName,
  type Storage,
} from "../storage.ts";
import { createCardHealth } from "./card-health.ts";
import { createClosings } from "./closings.ts";
import { mergeNotes } from "./merge-records.ts";
import { createMet } from "./met.ts";
import { openSpool, type SpoolDeps } from "./spool.ts";
import {
  createPause,
  doubtNote,
  ifStorageFails,
  isBuilt,
  isEmpty,
  isMirrored,
  UNREACHABLE,
  whileReadable,
} from "./standby-rules.ts";

export type StandbyDeps = SpoolDeps & {
  /** Seconds. */
  monotonic(): number;
  /** Receives a message when records stay in RAM at the end. */
  warn(message: string): void;
};

/** A note whose only purpose is to be written: it shows whether writes work again. */
const PROBE = "probe";

/** Held by the process that moves records from RAM, and its seconds. */
const MOVING = { name: "moving", seconds: 60 } as const;

/**
 * The storage `main`, with `hot` in RAM standing in for what it does not take: while it is unreachable or refuses writes, what is new
 * goes to RAM and is sent from there, and moves to `main` once that works again. Points of raw metrics that lie in `main` are built
 * there or not at all. RAM also has the stamps and some notes, so that `main` may forget them.
 */
export function openStandby(main: KeyedStorage, hot: Storage, deps: StandbyDeps): Storage {
  const health = createCardHealth(deps.onCard);
  const met = createMet();
  const closings = createClosings(main, hot, deps);
  const asked = whileReadable(main, () => readable);
  const spool = openSpool(hot, asked, { ...deps, beside: { health, met }, removal: "trim" });
  /** Whether RAM has anything to move: an earlier process may have left it. */
  let waiting = true;
  let readable = true;
  let copied = false;
  let closed = false;
  const pause = createPause(deps.monotonic);
  /** The leases that are held in RAM only, and their seconds: without them in `main`, only what is in RAM may be taken. */
  const inRam = new Map<string, number>();
  const inTurn = oneAtATime()(<T>(work: () => Promise<T>) => work());

  /** Moves what waits in RAM, when it is time to try. */
  async function maintain(): Promise<void> {
    if (closed) throw new StorageError("The storage is closed.");
    if ((!waiting && readable && copied && !health.fails()) || !pause.isOver()) return;
    const begin = deps.monotonic();
    await ifStorageFails(async () => {
      const stamps = await read(() => main.stamps(-Infinity, Infinity));
      if (!copied) await hot.commit({ stamps, notes: await doubtNote(main, hot, stamps, deps.now()) });
      copied = true;
      readable = true;
      if (waiting) await move();
      if (health.fails()) await health.run("write", () => main.commit({ notes: { [PROBE]: "" } }));
    });
    pause.after(begin);
  }

  async function move(): Promise<void> {
    const lease = { name: MOVING.name, owner: deps.owner };
    if ((await hot.acquire(lease, MOVING.seconds)) !== undefined) return;
    try {
      await spool.persist();
      waiting = !(await isEmpty(hot));
    } finally {
      await hot.release(lease);
    }
  }

  /** Reads from `main`, which is given up at the first failure: a pass that reads on would take its end for that of the queue. */
  async function read<T>(work: () => Promise<T>): Promise<T> {
    const begin = deps.monotonic();
    try {
      return await health.run("read", work);
    } catch (error) {
      if (isStorageFailure(error)) {
        readable = false;
        pause.after(begin);
      }
      throw error;
    }
  }

  const onlyRam = (queue: QueueName) => !readable || inRam.has(queue);

  /** Resolves to false when `main` fails and the change can go to RAM. */
  async function committed(change: Change): Promise<boolean> {
    const begin = deps.monotonic();
    try {
      await takeLease(change.lease);
      const access = change.remove?.length ? "trim" : "write";
      await health.run(access, () => closings.commit(change, main.commit));
    } catch (error) {
      if (!isStorageFailure(error) || isBuilt(change)) throw error;
      pause.after(begin);
      return false;
    }
    const notes = Object.entries(change.notes ?? {}).filter(([name]) => isMirrored(name));
    const { stamps = [] } = change;
    if (stamps.length + notes.length > 0)
      await ifStorageFails(() => hot.commit({ stamps, notes: Object.fromEntries(notes) }));
    return true;
  }

  /** Takes a lease in `main` that was taken in RAM while `main` failed. */
  async function takeLease(lease: Lease | undefined): Promise<void> {
    const seconds = lease === undefined ? undefined : inRam.get(lease.name);
    if (lease === undefined || seconds === undefined) return;
    if ((await main.acquire(lease, seconds)) !== undefined)
      throw new LeaseLost(`The lease ${lease.name} is not held any more.`);
    inRam.delete(lease.name);
  }

  /** Applies a change to what is in RAM, and to `main` as far as it concerns records there. */
  async function commitBeside({ lease, ...change }: Change): Promise<void> {
    waiting = true;
    if (lease !== undefined && readable && !inRam.has(lease.name))
      await ifStorageFails(() => main.commit({ lease }));
    await spool.commit(change);
  }

  async function notes(prefix: string): Promise<Record<string, string>> {
    if (!readable || waiting) return readable ? spool.notes(prefix) : hot.notes(prefix);
    const fresh = await hot.notes(prefix);
    const old = (await health.attempt("read", () => main.notes(prefix))) ?? {};
    const newer = Object.entries(fresh).filter(([name]) => isMirrored(name) || !(name in old));
    return mergeNotes(old, Object.fromEntries(newer));
  }

  return {
    ...spool,
    shared: main.shared,

    commit: (change) =>
      inTurn(async () => {
        checkChange(change);
        await maintain();
        if (!waiting && readable && (await committed(change))) return;
        if (!waiting && !readable && isBuilt(change)) throw new StorageError(UNREACHABLE);
        await commitBeside(change);
      }),

    async peek(queue, options) {
      await inTurn(maintain);
      if (onlyRam(queue)) return hot.peek(queue, options);
      if (waiting) return spool.peek(queue, options);
      const records = await read(() => main.peek(queue, options));
      met.add(queue, records, options.after === undefined);
      return records;
    },

    async size(queue, range) {
      await inTurn(maintain);
      if (onlyRam(queue)) return hot.size(queue, range);
      return waiting ? spool.size(queue, range) : read(() => main.size(queue, range));
    },

    async weight(queue, range) {
      await inTurn(maintain);
      if (onlyRam(queue)) return hot.weight(queue, range);
      return waiting ? spool.weight(queue, range) : read(() => main.weight(queue, range));
    },

    async expire(queue, before, reason) {
      await inTurn(maintain);
      if (onlyRam(queue)) return hot.expire(queue, before, reason);
      if (waiting) return spool.expire(queue, before, reason);
      return (await health.attempt("trim", () => main.expire(queue, before, reason))) ?? 0;
    },

    async stamps(from, to) {
      const known = await hot.stamps(from, to);
      if (!readable) return known;
      return [...new Set([...known, ...(await read(() => main.stamps(from, to)))])].sort((a, b) => a - b);
    },

    async note(name) {
      if (name.startsWith(DROPPED_NOTES)) return (await notes(name))[name];
      const isNewer = waiting || !readable || isMirrored(name);
      const fresh = isNewer ? await hot.note(name) : undefined;
      if (fresh !== undefined) return fresh;
      const old = readable ? await health.attempt("read", () => main.note(name)) : undefined;
      return old ?? hot.note(name);
    },

    notes,

    async acquire(lease, seconds) {
      await inTurn(maintain);
      const holder = readable
        ? await health.attempt("trim", async () => ({ owner: await main.acquire(lease, seconds) }))
        : undefined;
      if (holder !== undefined) {
        inRam.delete(lease.name);
        if (holder.owner === undefined) await read(() => closings.restore(lease));
        return holder.owner;
      }
      const owner = await hot.acquire(lease, seconds);
      if (owner === undefined) inRam.set(lease.name, seconds);
      return owner;
    },

    async release(lease) {
      inRam.delete(lease.name);
      await hot.release(lease);
      if (readable) await health.attempt("trim", () => main.release(lease));
    },

    async repair(queue) {
      await inTurn(maintain);
      return readable ? read(() => main.repair(queue)) : [];
    },

    async persist() {
      await inTurn(async () => {
        if (waiting) await move();
      });
    },

    async close() {
      closed = true;
      const left = waiting ? await countRecords(hot).catch(() => 0) : 0;
      if (left > 0)
        deps.warn(
          `${left} records wait in RAM for the next start, and are lost when this machine is switched off`,
        );
      await spool.close();
    },
  };
}
