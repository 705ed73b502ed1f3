import { StorageError } from "../errors.ts";
import { type Change, DROPPED_NOTES } from "./storage.ts";

/** Throws StorageError for an invalid change before anything is written; the rules are those of `Change` and `NewRecord`. */
export function checkChange(change: Change): void {
  for (const { queue, records } of change.add ?? [])
    for (const { key, at } of records)
      if (!Number.isFinite(at))
        throw new StorageError(`Record ${key} for ${queue} has no time: at is ${at}; nothing was stored.`);
  for (const second of change.stamps ?? [])
    if (!Number.isSafeInteger(second))
      throw new StorageError(`A stamp is a whole second, not ${second}; nothing was stored.`);
  for (const [name, text] of Object.entries(change.notes ?? {}))
    if (Buffer.byteLength(text) > 4096)
      throw new StorageError(
        `The note ${name} has ${Buffer.byteLength(text)} bytes, 4096 are allowed; nothing was stored.`,
      );
}

/** Number of records that a queue named `…:rejected` keeps. */
export const REJECTED_KEPT = 1000;

/** The notes that count what a change drops, and the numbers to add to them. */
export function droppedNotes({ dropped = {} }: Pick<Change, "dropped">): [name: string, number: number][] {
  return Object.entries(dropped)
    .filter(([, number]) => number !== 0)
    .map(([reason, number]) => [DROPPED_NOTES + reason, number]);
}
