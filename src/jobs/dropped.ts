import { parseJson } from "../json/parse-json.ts";
import { readDropped } from "../storage/counts/read-dropped.ts";
import type { Storage } from "../storage/storage.ts";
import type { SelfMetrics } from "./self-metrics.ts";

/** Note: what `chouette.dropped` has measured so far, by reason. */
const MEASURED = "measured-dropped";

/** Queues the metric `chouette.dropped` of what was dropped since it was measured last, by whatever process or storage. */
export async function measureDropped(
  storage: Pick<Storage, "note" | "notes" | "commit">,
  selfMetrics: SelfMetrics,
): Promise<void> {
  const dropped = await readDropped(storage);
  const measured = read(await storage.note(MEASURED));
  const grown = Object.entries(dropped).filter(([reason, number]) => number > (measured[reason] ?? 0));
  if (grown.length === 0) return;
  const records = grown.map(([reason, number]) =>
    selfMetrics.dropped(reason, number - (measured[reason] ?? 0)),
  );
  await storage.commit({
    notes: { [MEASURED]: JSON.stringify(dropped) },
    add: [{ queue: "chouette:metrics:raw", records }],
  });
}

function read(text: string | undefined): Record<string, number> {
  const counts = text === undefined ? undefined : parseJson(text);
  if (typeof counts !== "object" || counts === null) return {};
  return Object.fromEntries(
    Object.entries(counts).filter((pair): pair is [string, number] => Number.isSafeInteger(pair[1])),
  );
}
