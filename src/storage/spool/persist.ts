import { readDropped } from "../counts/read-dropped.ts";
import {
  type Change,
  type DataQueue,
  LOG_NOTES,
  QUEUES,
  type RejectedQueue,
  type Storage,
} from "../storage.ts";
import { HOT_BYTES, STEP } from "./limits.ts";
import type { MovedRecords, RedoLog } from "./redo-log.ts";

const RAW: DataQueue = "chouette:metrics:raw";
const LOGS: DataQueue = "chouette:logs:wrapped";
const CHECKS: DataQueue = "chouette:checks:wrapped";

/** RAM is bounded, and so is one step with all of its logs. */
const EVERYTHING = { limit: 1_000_000, maxBytes: HOT_BYTES.most, maxBody: Number.POSITIVE_INFINITY } as const;

/** Notes that survive a power cut: jobs/dropped.ts and jobs/capture-second.ts write them. */
export const LASTING_NOTES = ["measured-dropped", "captured-ahead"] as const;

const MOVED = QUEUES.flatMap((queue): (DataQueue | RejectedQueue)[] => [queue, `${queue}:rejected`]);

/** Seconds for which raw metrics stay in RAM: their window ends soon, and removing them from the card again is another write. */
const FRESH = 60;

/** Returns what `Storage.persist` does: as few commits on the card as there are steps of its size, one as a rule. */
export function createPersist(
  hot: Storage,
  log: RedoLog,
  now: () => number,
): (what?: "logs" | "backlog" | "notes") => Promise<void> {
  /** The positions in sources of logs, and other notes, as they were last written to the card. */
  let onCard = "";
  let lasting = "";

  return async (what) => {
    // In one turn of the event loop: a commit between them would be in one and not in the other, and a power cut would lose or
    // repeat what the logs hold.
    const [positions, logs] = await Promise.all([hot.notes(LOG_NOTES), hot.peek(LOGS, EVERYTHING)]);
    const text = JSON.stringify(positions);
    const withPositions = what !== "notes" && text !== "{}" && (logs.length > 0 || text !== onCard);
    let notes: Record<string, string> = withPositions ? positions : {};
    let parts: MovedRecords[] = withPositions && logs.length > 0 ? [{ queue: LOGS, records: logs }] : [];

    const move = async (dropped?: Change["dropped"]) => {
      const stamps = parts.length > 0 ? await hot.stamps(-Infinity, Infinity) : [];
      await log.move(parts, { stamps, notes, ...(dropped && { dropped }) });
      if (withPositions) onCard = text;
      [parts, notes] = [[], {}];
    };

    if (what === "logs") {
      if (withPositions) await move();
      return;
    }
    for (const queue of what === "notes" ? [] : MOVED) {
      if ((what === "backlog" && queue === CHECKS) || (withPositions && queue === LOGS)) continue;
      const range = what === "backlog" && queue === RAW ? { before: now() - FRESH } : {};
      for (let records = parts.at(-1)?.records ?? []; ; ) {
        if (isFull(parts)) await move();
        const after = parts.at(-1)?.queue === queue ? records.at(-1) : undefined;
        records = await hot.peek(queue, { ...STEP, ...range, ...(after && { after }) });
        if (records.length === 0) break;
        parts.push({ queue, records });
      }
    }
    const kept = await Promise.all(LASTING_NOTES.map((name) => hot.notes(name)));
    const others: Record<string, string> = Object.assign({}, ...kept);
    const dropped = await readDropped(hot);
    const isNews = JSON.stringify(others) !== lasting && Object.keys(others).length > 0;
    if (isNews) Object.assign(notes, others);
    if (parts.length + Object.keys(notes).length + Object.keys(dropped).length > 0) await move(dropped);
    lasting = JSON.stringify(others);
  };
}

function isFull(parts: readonly MovedRecords[]): boolean {
  const records = parts.flatMap((part) => part.records);
  return records.length >= STEP.limit || records.reduce((sum, { bytes }) => sum + bytes, 0) >= STEP.maxBytes;
}
