import { LeaseLost } from "../../src/errors.ts";
import {
  type Change,
  type QueueName,
  type Storage,
  type StoredRecord,
  weightOf,
} from "../../src/storage/storage.ts";

type Stored = { at: number; body: string; weight: number };

/** A model of the storage port made of a few maps: unbounded, not durable, with the time of leases moved by `elapse`. */
/** `weighs`: as a storage that is not shared. */
export function createModel(weighs = false): { storage: Storage; elapse(seconds: number): Promise<void> } {
  let now = 0;
  let stamps = new Set<number>();
  const notes = new Map<string, string>();
  const leases = new Map<string, { owner: string; seconds: number; until: number }>();
  const queues = new Map<QueueName, Map<string, Stored>>();

  const queueOf = (name: QueueName) => {
    const queue = queues.get(name) ?? new Map();
    queues.set(name, queue);
    return queue as Map<string, Stored>;
  };
  const sorted = (name: QueueName) =>
    [...queueOf(name)].sort(([a, { at }], [b, other]) => at - other.at || bytesOrder(a, b));
  const bytesOrder = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
  const within = (at: number, from = -Infinity, before = Infinity) => from <= at && at < before;

  function commit({ lease, remove = [], add = [], ...rest }: Change): void {
    if (lease !== undefined) {
      const held = leases.get(lease.name);
      if (held?.owner !== lease.owner || held.until <= now) throw new LeaseLost();
      held.until = now + held.seconds;
    }
    for (const { queue, keys } of remove) for (const key of keys) queueOf(queue).delete(key);
    for (const { queue, records } of add)
      for (const { key, at, body, weight = 1 } of records)
        queueOf(queue).set(key, { at, body, weight: weighs ? weight : 1 });
    for (const second of rest.stamps ?? []) stamps.add(second);
    for (const [name, text] of Object.entries(rest.notes ?? {})) notes.set(name, text);
    for (const [reason, number] of Object.entries(rest.dropped ?? {})) drop(reason, number);
  }

  function drop(reason: string, number: number): void {
    const name = `dropped:${reason}`;
    if (number > 0) notes.set(name, `${Number(notes.get(name) ?? 0) + number}`);
  }

  const storage: Storage = {
    shared: !weighs,
    commit: async (change) => commit(change),
    peek: async (queue, { limit, maxBytes, maxBody, from, before, after, newestFirst }) => {
      const records: StoredRecord[] = [];
      let total = 0;
      for (const [key, { at, body, weight }] of newestFirst ? sorted(queue).reverse() : sorted(queue)) {
        if (!within(at, from, before)) continue;
        if (after && (at < after.at || (at === after.at && bytesOrder(key, after.key) <= 0))) continue;
        const bytes = Buffer.byteLength(body);
        if (bytes <= maxBody) total += bytes;
        if (records.length === limit || (total > maxBytes && records.length > 0)) break;
        const read = { key, at, body: bytes <= maxBody ? body : undefined, bytes };
        records.push({ ...read, ...(weight !== 1 && { weight }) });
      }
      return records;
    },
    expire: async (queue, before, reason) => {
      const old = sorted(queue).filter(([, { at }]) => at < before);
      for (const [key] of old) queueOf(queue).delete(key);
      const weight = weightOf(old.map(([, record]) => record));
      drop(reason, weight);
      return weight;
    },
    stamps: async (from, to) => [...stamps].filter((s) => within(s, from, to)).sort((a, b) => a - b),
    keepStamps: async (count) => {
      stamps = new Set([...stamps].sort((a, b) => b - a).slice(0, count));
    },
    size: async (queue, range) => {
      const times = sorted(queue).map(([, { at }]) => at);
      const count = times.filter((at) => within(at, range?.from, range?.before)).length;
      return { count, oldest: times[0], newest: times.at(-1) };
    },
    weight: async (queue, range) =>
      weightOf(
        sorted(queue)
          .map(([, record]) => record)
          .filter(({ at }) => within(at, range?.from, range?.before)),
      ),
    note: async (name) => notes.get(name),
    notes: async (prefix) =>
      Object.fromEntries(
        [...notes].filter(([name]) => name.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1)),
      ),
    acquire: async ({ name, owner }, seconds) => {
      const held = leases.get(name);
      const left = (held?.until ?? 0) - now;
      if (held !== undefined && held.owner !== owner && left > 0 && left <= seconds + 1) return held.owner;
      leases.set(name, { owner, seconds, until: now + seconds });
      return undefined;
    },
    release: async ({ name, owner }) => {
      if (leases.get(name)?.owner === owner) leases.delete(name);
    },
    repair: async () => [],
    bytes: async () => undefined,
    room: async () => undefined,
    persist: async () => {},
    close: async () => {},
  };
  return {
    storage,
    elapse: async (seconds) => {
      now += seconds;
    },
  };
}
