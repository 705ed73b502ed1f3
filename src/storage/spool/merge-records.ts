import { droppedNotes } from "../check-change.ts";
import { DROPPED_NOTES, type Dropped, type PeekOptions, type StoredRecord } from "../storage.ts";

/** The first records of one level, and how many it has in the range that was asked for. */
export type Level = { records: readonly StoredRecord[]; all: number };

/**
 * The first records of two levels as one queue, within the limits of `options`; without those in `hidden`, which are removed
 * already. A record in both, as a move that was cut short leaves it, comes once.
 */
export function mergeRecords(
  hot: Level,
  card: Level,
  hidden: ReadonlySet<string>,
  { limit, maxBytes, newestFirst }: Pick<PeekOptions, "limit" | "maxBytes" | "newestFirst">,
): StoredRecord[] {
  const fresh = new Set(hot.records.map(({ key }) => key));
  const old = card.records.filter(({ key }) => !fresh.has(key) && !hidden.has(key));
  const inOrder = newestFirst ? (a: StoredRecord, b: StoredRecord) => byPlace(b, a) : byPlace;
  const sorted = [...hot.records, ...old].sort(inOrder);
  // Behind the last record that a level gave, it may have others, which come before what the other level has there.
  const ends = [endOf(hot), endOf(card)].filter((end) => end !== undefined);
  const merged: StoredRecord[] = [];
  let total = 0;
  for (const record of sorted) {
    if (record.body !== undefined) total += record.bytes;
    const isFull = merged.length === limit || (total > maxBytes && merged.length > 0);
    if (isFull || ends.some((end) => inOrder(end, record) < 0)) break;
    merged.push(record);
  }
  return merged;
}

/** The last record of a level that has more than it gave. */
function endOf({ records, all }: Level): StoredRecord | undefined {
  return records.length < all ? records.at(-1) : undefined;
}

/** By time, then by the bytes of the key, as every storage sorts. */
function byPlace(a: StoredRecord, b: StoredRecord): number {
  return a.at - b.at || Buffer.compare(Buffer.from(a.key), Buffer.from(b.key));
}

type Notes = Readonly<Record<string, string>>;

/** The notes of two levels: those in RAM are the newer ones, and what both counted is added; `twice` is on both. */
export function mergeNotes(card: Notes, hot: Notes, twice: Dropped = {}): Record<string, string> {
  const notes = { ...card, ...hot };
  const both = new Map<string, number>(droppedNotes({ dropped: twice }));
  for (const [name, count] of Object.entries(hot))
    if (name.startsWith(DROPPED_NOTES))
      notes[name] = `${Number(count) + Number(card[name] ?? 0) - (both.get(name) ?? 0)}`;
  return notes;
}
