import { readDropped } from "../counts/read-dropped.ts";
import { type DataQueue, LOG_NOTES, QUEUES, type RejectedQueue, type Storage } from "../storage.ts";
import type { CardHealth } from "./card-health.ts";
import { HOT_BYTES, STEP } from "./limits.ts";
import type { RedoLog } from "./redo-log.ts";

const LOGS: DataQueue = "chouette:logs:wrapped";

/** RAM is bounded, and so is one step with all of its logs. */
const EVERYTHING = { limit: 1_000_000, maxBytes: HOT_BYTES.most, maxBody: Number.POSITIVE_INFINITY } as const;

/** Notes that survive a power cut: jobs/dropped.ts and jobs/capture-second.ts write them. */
export const LASTING_NOTES = ["measured-dropped", "captured"] as const;

const MOVED = QUEUES.flatMap((queue): (DataQueue | RejectedQueue)[] => [queue, `${queue}:rejected`]);

/** Returns what moves everything in RAM that has to survive a power cut to the card, or only logs with the positions of their sources. */
export function createPersist(
  hot: Storage,
  card: Storage,
  log: RedoLog,
  health: CardHealth,
): (what?: "logs") => Promise<void> {
  /** The positions in sources of logs, as they were last written to the card. */
  let onCard = "";
  let lasting = "";

  /** Moves the counts of dropped records, and copies what was measured of them and the captured seconds, when they changed. */
  async function persistNotes(): Promise<void> {
    const found = await Promise.all(LASTING_NOTES.map((name) => hot.notes(name)));
    const notes: Record<string, string> = Object.assign({}, ...found);
    const dropped = await readDropped(hot);
    const text = JSON.stringify(notes);
    if (Object.keys(dropped).length === 0 && (text === "{}" || text === lasting)) return;
    await log.move(LOGS, [], { notes, dropped });
    lasting = text;
  }

  /**
   * Moves the logs in one step with the positions of their sources, so that a power cut afterwards neither loses nor repeats what
   * they hold. Both are read in the same turn of the event loop: a commit between them would be in one and not in the other.
   */
  async function persistLogs(): Promise<void> {
    const [positions, records] = await Promise.all([hot.notes(LOG_NOTES), hot.peek(LOGS, EVERYTHING)]);
    const text = JSON.stringify(positions);
    if (text === "{}" || (records.length === 0 && text === onCard)) return;
    if (records.length > 0) await log.move(LOGS, records, { notes: positions });
    else await health.run("write", () => card.commit({ notes: positions }));
    onCard = text;
  }

  return async (what) => {
    await persistLogs();
    if (what === "logs") return;
    for (const queue of MOVED) {
      for (;;) {
        const records = await hot.peek(queue, STEP);
        if (records.length === 0) break;
        await log.move(queue, records, { stamps: await hot.stamps(-Infinity, Infinity) });
      }
    }
    await persistNotes();
  };
}
