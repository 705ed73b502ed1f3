import type { Item } from "../datadog/encoding.ts";
import type { NewRecord, StoredRecord } from "../storage/storage.ts";
import type { Rejected } from "./rejected.ts";
import type { Track } from "./track.ts";

/** What leaves a queue with items: records whose last part goes, and records that stay with fewer parts. */
export type Leaving = { keys: string[]; stay: NewRecord[] };

/** The records of a batch as items. A record with several series gives one for each, which are sent and settled one by one. */
export type RecordParts<T> = {
  items: Item<T>[];
  /** Records that cannot be read. */
  unreadable: Rejected[];
  /** Takes items from their records. */
  take(items: readonly Item<T>[]): Leaving;
  /** Describes an item that can never be sent; call it before the item is taken. */
  refuse(item: Item<T>, reason: string): Rejected;
};

type Origin = { record: StoredRecord; body: string; left: Set<number> };

export function readParts<T>(
  records: readonly StoredRecord[],
  { parse, only }: Pick<Track<T>, "parse" | "only">,
  whyNot: (record: StoredRecord) => string,
): RecordParts<T> {
  const items: Item<T>[] = [];
  const unreadable: Rejected[] = [];
  const origins = new Map<Item<T>, { origin: Origin; index: number }>();
  for (const record of records) {
    const { key, body, at, weight = 1 } = record;
    try {
      const parts = body === undefined ? undefined : parse(body, at);
      if (parts === undefined || body === undefined) {
        unreadable.push({ key, body, reason: whyNot(record), damaged: record.damaged, weight });
        continue;
      }
      const origin: Origin = { record, body, left: new Set(parts.keys()) };
      for (const [index, part] of parts.entries()) {
        const item = { key, ...part };
        items.push(item);
        if (parts.length > 1) origins.set(item, { origin, index });
      }
    } catch (error) {
      // A record that makes its parser fail costs only itself.
      const reason = `it cannot be sent: ${error instanceof Error ? error.message : error}`;
      unreadable.push({ key, body, reason, weight });
    }
  }
  const bodies = new Map(records.map(({ key, body }) => [key, body]));
  const rest = ({ record: { key, at }, body, left }: Origin): NewRecord => ({ key, at, ...only(body, left) });
  return {
    items,
    unreadable,
    take(taken) {
      const keys: string[] = [];
      const changed = new Set<Origin>();
      for (const item of taken) {
        const found = origins.get(item);
        found?.origin.left.delete(found.index);
        if (found !== undefined && found.origin.left.size > 0) {
          changed.add(found.origin);
          continue;
        }
        keys.push(item.key);
        if (found !== undefined) changed.delete(found.origin);
      }
      return { keys, stay: [...changed].map(rest) };
    },
    refuse(item, reason) {
      const found = origins.get(item);
      const { weight } = item;
      if (found === undefined) return { key: item.key, body: bodies.get(item.key), reason, weight };
      const { origin, index } = found;
      // Fewer are left each time: no two parts of a record get one key, in whatever batches they are refused.
      const key = `${item.key}/${origin.left.size}`;
      return { key, body: only(origin.body, new Set([index])).body, reason, weight };
    },
  };
}
