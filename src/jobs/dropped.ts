import { parseJson } from "../json/parse-json.ts";
import type { DataQueue, Storage } from "../storage/storage.ts";
import type { SelfMetrics } from "./self-metrics.ts";

/** Why records were dropped: `too_old` are those that the intake would throw away without a word, `unplaced` are captures whose time is not known, `overflow` series beyond MAX_SERIES. */
export type DropReason = "expired" | "too_old" | "rejected" | "malformed" | "overflow" | "unplaced";

/** Records by the reason why they were dropped. */
export type Dropped = Partial<Record<DropReason, number>>;

/** One note for each queue, so that two lanes never write the same one. */
const NOTE = "dropped:";

/** Adds records that were dropped from a queue to those since the agent was installed, and to Chouette's own metrics. */
export async function countDropped(
  {
    storage,
    selfMetrics,
  }: { storage: Pick<Storage, "note" | "commit">; selfMetrics: SelfMetrics | undefined },
  queue: DataQueue,
  dropped: Dropped,
): Promise<void> {
  const counts = Object.entries(dropped).filter(([, number]) => number > 0);
  if (counts.length === 0) return;
  const name = `${NOTE}${queue}`;
  const before = read(await storage.note(name));
  const total = { ...before };
  for (const [reason, number] of counts) total[reason] = (before[reason] ?? 0) + number;
  const records =
    selfMetrics === undefined ? [] : counts.map(([reason, n]) => selfMetrics.dropped(reason, n));
  await storage.commit({
    notes: { [name]: JSON.stringify(total) },
    ...(records.length > 0 && { add: [{ queue: "chouette:metrics:raw", records }] }),
  });
}

/** Returns the records that were dropped from all queues since the agent was installed, by reason. */
export async function readDropped(storage: Pick<Storage, "notes">): Promise<Record<string, number>> {
  const total: Record<string, number> = {};
  for (const text of Object.values(await storage.notes(NOTE)))
    for (const [reason, number] of Object.entries(read(text))) total[reason] = (total[reason] ?? 0) + number;
  return total;
}

function read(text: string | undefined): Record<string, number> {
  const counts = text === undefined ? undefined : parseJson(text);
  if (typeof counts !== "object" || counts === null) return {};
  return Object.fromEntries(
    Object.entries(counts).filter((pair): pair is [string, number] => Number.isSafeInteger(pair[1])),
  );
}
