import { StorageError } from "../../errors.ts";
import { dropOldest } from "../bounded.ts";
import { checkChange, REJECTED_KEPT } from "../check-change.ts";
import {
  type Change,
  type DataQueue,
  DROPPED_NOTES,
  type KeyedStorage,
  type Lease,
  type NewRecord,
  type QueueName,
  type Storage,
} from "../storage.ts";
import { type CardHealth, createCardHealth } from "./card-health.ts";
import { knownCard } from "./known-card.ts";
import { HOT_BYTES, LOOK, STEP } from "./limits.ts";
import { mergeNotes, mergeRecords } from "./merge-records.ts";
import { createMet, type Met } from "./met.ts";
import { createPersist } from "./persist.ts";
import { createRedoLog, type RedoDeps } from "./redo-log.ts";

export type SpoolDeps = RedoDeps & {
  /** Called when the card begins to fail, with the reason, and when it works again. */
  onCard(up: boolean, error: string): void;
  /** Called when records go because RAM is full and the card cannot take them. */
  onOverflow(queue: DataQueue, records: number): void;
  /** Of a card that others use past this spool, too. */
  beside?: { health: CardHealth; met: Met };
};

type Added = NonNullable<Change["add"]>;

/**
 * Queues in two levels: `hot` in RAM, which survives a killed process, and `card`, which survives a power cut. What is new goes
 * to `hot`; `persist` moves it to the card. Leases and notes are hot. What takes records from the card (an aggregation of raw
 * metrics that waited there) leaves its results there. A card that fails is reported once; capture and delivery continue in RAM.
 */
export function openSpool(hot: Storage, cardAlone: KeyedStorage, deps: SpoolDeps, readOnly = false): Storage {
  const { beside } = deps;
  const card = beside === undefined ? knownCard(cardAlone) : cardAlone;
  const { health, met } = beside ?? { health: createCardHealth(deps.onCard), met: createMet() };
  const read = <T>(work: () => Promise<T>) => health.attempt("read", work);
  const asked = new Set<string>();
  const log = createRedoLog(hot, card, { ...deps, health });
  const toCard = createPersist(hot, log, deps.now);

  /** Characters that this process brought to RAM since it last looked how full that is. */
  let brought = Number.POSITIVE_INFINITY;
  const countOnCard = async (queue: QueueName) => (await read(() => card.size(queue)))?.count ?? 0;
  const settle = async () => (readOnly ? undefined : log.settleSoon());

  async function persist(what?: "logs" | "backlog" | "notes"): Promise<void> {
    await log.settle(true);
    await toCard(what);
  }

  const isOnCard = async (queue: QueueName, keys: readonly string[]) =>
    (await read(() => card.holds(queue, keys))) ?? met.has(queue, keys);

  /** The new versions of records on the card, which stay there, and the others. */
  async function divide(add: Added): Promise<{ renewed: Added; fresh: Added }> {
    const renewed: Added[number][] = [];
    const fresh: Added[number][] = [];
    for (const { queue, records } of add) {
      const old = new Set<NewRecord>();
      for (const record of records) if (await isOnCard(queue, [record.key])) old.add(record);
      renewed.push({ queue, records: [...old] });
      fresh.push({ queue, records: records.filter((record) => !old.has(record)) });
    }
    return { renewed, fresh };
  }

  /** The change on both levels, as one step: see the redo log. */
  async function commit(change: Change): Promise<void> {
    const { add = [], remove = [], stamps, ...rest } = change;
    const replaced = add.map(({ queue, records }) => ({ queue, keys: records.map(({ key }) => key) }));
    const gone: { queue: QueueName; keys: readonly string[] }[] = [];
    for (const each of [...remove, ...replaced]) if (await isOnCard(each.queue, each.keys)) gone.push(each);
    met.forget(remove);
    if (gone.length === 0) return hot.commit(change);
    const staysOnCard = add.length > 0 && gone.some((each) => remove.includes(each));
    if (!staysOnCard) {
      const { renewed, fresh } = await divide(add);
      return log.commit({ ...change, add: fresh }, { remove: gone, add: renewed });
    }
    return log.commit(
      { ...rest, remove: [...remove, ...replaced] },
      { remove: gone, add, ...(stamps !== undefined && { stamps }) },
    );
  }

  /** Keeps RAM within its bounds, to LOOK characters. */
  async function relieve(change: Change): Promise<void> {
    for (const { records } of change.add ?? []) for (const { body } of records) brought += body.length;
    if (brought < LOOK) return;
    brought = 0;
    if (((await hot.bytes()) ?? 0) <= HOT_BYTES.move) return;
    await persist().catch((error: unknown) => {
      if (!(error instanceof StorageError)) throw error;
    });
    while (health.fails() && ((await hot.bytes()) ?? 0) > HOT_BYTES.most)
      if (!(await dropOldest(hot, deps.onOverflow))) break;
  }

  /**
   * The owner who holds the lease on the card, where one writes it who found no database in RAM: a `flush` that began before
   * the agent. Asked once for each lease, since later ones find RAM.
   */
  async function holderOnCard(lease: Lease, seconds: number): Promise<string | undefined> {
    if (asked.has(lease.name)) return undefined;
    const holder = await health.attempt("trim", () => card.acquire(lease, seconds));
    if (holder !== undefined) return holder;
    asked.add(lease.name);
    await health.attempt("trim", () => card.release(lease));
    return undefined;
  }

  /** Each level keeps the newest of a rejected queue: together they may have twice as many. */
  async function trim(queue: QueueName): Promise<void> {
    const excess = (await hot.size(queue)).count + (await countOnCard(queue)) - REJECTED_KEPT;
    if (excess <= 0) return;
    const oldest = await spool.peek(queue, { ...STEP, limit: excess, maxBytes: Number.POSITIVE_INFINITY });
    await commit({ remove: [{ queue, keys: oldest.map(({ key }) => key) }] });
  }

  const spool: Storage = {
    shared: false,

    async commit(change) {
      checkChange(change);
      await settle();
      await commit(change);
      const grown = change.add?.filter(({ records }) => records.length > 0) ?? [];
      for (const { queue } of grown) if (queue.endsWith(":rejected")) await trim(queue);
      if (grown.length > 0) await relieve(change);
    },

    async peek(queue, options) {
      await settle();
      const fresh = await hot.peek(queue, options);
      const range = { from: options.from ?? -Infinity, before: options.before ?? Infinity };
      const waiting = await read(() => card.size(queue, range));
      if (waiting === undefined || waiting.count === 0) return fresh;
      const hidden = await log.hidden(queue);
      const old = await read(() => card.peek(queue, { ...options, limit: options.limit + hidden.size }));
      met.add(queue, old ?? [], options.after === undefined);
      const all = { hot: (await hot.size(queue, range)).count, card: waiting.count };
      return mergeRecords(
        { records: fresh, all: all.hot },
        { records: old ?? [], all: all.card },
        hidden,
        options,
      );
    },

    async expire(queue, before, reason) {
      await settle();
      const fresh = await hot.expire(queue, before, reason);
      const old = (await read(() => card.size(queue, { before })))?.count ?? 0;
      if (old === 0) return fresh;
      return fresh + ((await health.attempt("trim", () => card.expire(queue, before, reason))) ?? 0);
    },

    async stamps(from, to) {
      const old = (await read(() => card.stamps(from, to))) ?? [];
      const fresh = await hot.stamps(from, to);
      return old.length === 0 ? fresh : [...new Set([...old, ...fresh])].sort((a, b) => a - b);
    },

    async keepStamps(count) {
      await hot.keepStamps(count);
      await health.attempt("trim", () => card.keepStamps(count));
    },

    async size(queue, range) {
      await settle();
      const fresh = await hot.size(queue, range);
      const old = await read(() => card.size(queue, range));
      if (old === undefined || old.oldest === undefined) return fresh;
      const hidden = await log.hidden(queue);
      return {
        count: fresh.count + Math.max(0, old.count - hidden.size),
        oldest: Math.min(fresh.oldest ?? Infinity, old.oldest),
        newest: Math.max(fresh.newest ?? -Infinity, old.newest ?? -Infinity),
      };
    },

    async weight(queue, range) {
      await settle();
      const old = (await read(() => card.weight(queue, range))) ?? 0;
      const hidden = old === 0 ? 0 : (await log.hidden(queue)).size;
      return (await hot.weight(queue, range)) + Math.max(0, old - hidden);
    },

    async note(name) {
      if (name.startsWith(DROPPED_NOTES)) return (await spool.notes(name))[name];
      return (await hot.note(name)) ?? read(() => card.note(name));
    },

    async notes(prefix) {
      const old = (await read(() => card.notes(prefix))) ?? {};
      // Between the two levels: a count that moves meanwhile is rather missed than read twice.
      const twice = await log.countedTwice();
      return mergeNotes(old, await hot.notes(prefix), twice);
    },

    async acquire(lease, seconds) {
      // The holder before may have been killed in a step, and what it built is to be known.
      if (!readOnly) await log.settle();
      const holder = await holderOnCard(lease, seconds);
      return holder ?? hot.acquire(lease, seconds);
    },
    release: hot.release,
    async repair(queue) {
      await health.attempt("trim", () => card.repair(queue));
      return hot.repair(queue);
    },

    async bytes() {
      return ((await hot.bytes()) ?? 0) + ((await read(card.bytes)) ?? 0);
    },

    // RAM has its own bounds, and what is in it comes to the card.
    room: () => read(card.room),

    persist,

    async close() {
      await Promise.all([hot.close(), card.close()]);
    },
  };
  return spool;
}
