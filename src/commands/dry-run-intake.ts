import { unzlibSync } from "fflate";
import type { Intake, IntakeTrack } from "../datadog/delivery.ts";
import { StorageError } from "../errors.ts";
import { MAX_RECORD_BYTES } from "../records/unreadable.ts";
import { type DataQueue, type NewRecord, QUEUES, type Storage } from "../storage/storage.ts";
import { printable } from "../terminal/printable.ts";
import { formatBytes } from "../terminal/quantities.ts";
import { payloadTable } from "./payload-table.ts";

/** Creates an intake that prints each payload and accepts it; nothing leaves the machine. */
export function dryRunIntake(
  print: (text: string) => void,
  width: number,
  urls: Readonly<Record<IntakeTrack, string>>,
): Intake {
  return {
    post: async (track, payload) => {
      const [what, table] = payloadTable(track, unzlibSync(payload), width);
      print(`would send ${what} (${formatBytes(payload.length)} compressed) to ${urls[track]}\n${table}\n`);
      return { outcome: "accepted", status: 202, error: "" };
    },
    close: async () => {},
  };
}

/** Records of each queue that a dry run copies. */
const LIMIT = { limit: 10_000, maxBytes: 16_000_000, maxBody: MAX_RECORD_BYTES } as const;

/**
 * Copies the first records of each queue into another storage; `note` gets a line for a queue that has more, or cannot be read.
 * Rejects with StorageError when no queue can be read.
 */
export async function copyQueues(from: Storage, to: Storage, note: (text: string) => void): Promise<void> {
  const unreadable: StorageError[] = [];
  for (const queue of QUEUES) {
    try {
      await copyQueue(from, to, queue, note);
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      unreadable.push(error);
    }
  }
  if (unreadable.length === QUEUES.length) throw unreadable[0];
  for (const { message } of unreadable) note(`${printable(message)}\n`);
}

async function copyQueue(
  from: Storage,
  to: Storage,
  queue: DataQueue,
  note: (text: string) => void,
): Promise<void> {
  const records = (await from.peek(queue, LIMIT)).map(
    ({ key, at, body = "", weight = 1 }): NewRecord => ({ key, at: finite(at), body, weight }),
  );
  const { count } = await from.size(queue);
  if (records.length < count) note(`${queue}: using the first ${records.length} of ${count} records\n`);
  await to.commit({ add: [{ queue, records }] });
}

/** Clamps the scores `-inf` and `inf`, which Redis allows and no storage accepts; the record keeps its place in the queue. */
function finite(at: number): number {
  return Math.min(Math.max(at, -Number.MAX_VALUE), Number.MAX_VALUE);
}
