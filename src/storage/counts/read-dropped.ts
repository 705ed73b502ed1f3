import { DROPPED_NOTES, type Storage } from "../storage.ts";

/** Returns the records that were dropped from all queues since the agent was installed, by reason. */
export async function readDropped(storage: Pick<Storage, "notes">): Promise<Record<string, number>> {
  const notes = Object.entries(await storage.notes(DROPPED_NOTES));
  const counts = notes.map(([name, text]): [string, number] => [
    name.slice(DROPPED_NOTES.length),
    Number(text),
  ]);
  return Object.fromEntries(counts.filter(([, number]) => Number.isSafeInteger(number) && number > 0));
}
