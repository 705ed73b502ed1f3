import { StorageError } from "../../errors.ts";
import {
  ALL_QUEUES,
  type Change,
  type KeyedStorage,
  LOG_NOTES,
  STAMPS_SINCE,
  type Storage,
} from "../storage.ts";
import { LASTING_NOTES } from "./persist.ts";

/** Notes that RAM always has too: what an agent needs that starts while the storage fails, or after it went back in time. */
const MIRRORED = [LOG_NOTES, STAMPS_SINCE, "captured", ...LASTING_NOTES] as const;

/** Why raw metrics wait. */
export const UNREACHABLE =
  "The storage is unreachable: what was read from it cannot be turned into points now.";

/** The storage, which is not asked while it cannot be read: one that does not answer takes seconds each time. */
export function whileReadable(main: KeyedStorage, isReadable: () => boolean): KeyedStorage {
  const check = () => {
    if (!isReadable()) throw new StorageError(UNREACHABLE);
  };
  return {
    ...main,
    async size(...args) {
      check();
      return main.size(...args);
    },
    async holds(...args) {
      check();
      return main.holds(...args);
    },
  };
}

/**
 * Returns the note of RAM that is new, as after a power cut: a shared storage with stamps may have forgotten those until now, since it may save
 * snapshots only.
 */
export async function doubtNote(
  main: KeyedStorage,
  hot: Storage,
  { length }: readonly number[],
  now: number,
): Promise<Record<string, string>> {
  if ((await hot.note(STAMPS_SINCE)) !== undefined) return {};
  return { [STAMPS_SINCE]: main.shared && length > 0 ? `${Math.ceil(now)}` : "0" };
}

/** Whether a change turns records into others, which must happen where they are. */
export function isBuilt({ stamps = [], remove = [] }: Change): boolean {
  return stamps.length > 0 && remove.some(({ keys }) => keys.length > 0);
}

/** Whether RAM always has a note. */
export function isMirrored(name: string): boolean {
  return MIRRORED.some((prefix) => name.startsWith(prefix));
}

/** Whether nothing waits in RAM, neither records nor steps of the redo log. */
export async function isEmpty(hot: Storage): Promise<boolean> {
  for (const queue of [...ALL_QUEUES, "chouette:spool"] as const)
    if ((await hot.size(queue)).count > 0) return false;
  return true;
}

/** Does work that may fail with the storage: that is reported elsewhere. */
export async function ifStorageFails(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
  }
}

/** Seconds between two tries of a storage that fails; more when a try takes long, as with a Redis that does not answer. */
const RETRY = 1;
const SHARE = 10;

/** The pause between two tries; `after` begins one for a try that began at that second. */
export function createPause(monotonic: () => number) {
  let notBefore = Number.NEGATIVE_INFINITY;
  return {
    isOver: () => monotonic() >= notBefore,
    after(begin: number): void {
      const now = monotonic();
      notBefore = now + Math.max(RETRY, SHARE * (now - begin));
    },
  };
}
