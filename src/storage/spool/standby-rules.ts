import { StorageError } from "../../errors.ts";
import { ALL_QUEUES, type Change, type KeyedStorage, LOG_NOTES, type Storage } from "../storage.ts";
import { LASTING_NOTES } from "./persist.ts";

/** Notes that RAM always has too: what an agent needs that starts while the storage fails, or after it went back in time. */
const MIRRORED = [LOG_NOTES, ...LASTING_NOTES] as const;

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
