import type { Config } from "../config/config.ts";
import { createDiskUsage } from "../io/disk-usage.ts";
import { fateOf, processOwner } from "../io/process-owner.ts";
import { recordKey } from "../records/key.ts";
import type { OpenDeps } from "./open-deps.ts";
import type { Opener } from "./spool/open-spool.ts";
import type { Storage } from "./storage.ts";

/** The file name of the embedded storage. */
export const DATABASE = "chouette.db";

/**
 * Opens the storage that the configuration names; a reader never creates or changes anything. Only that adapter is loaded, since
 * each costs memory and time at every start. Rejects with StorageError.
 */
export async function openStorage(
  storage: Config["storage"],
  deps: OpenDeps,
  opener: Opener,
): Promise<Storage> {
  if (storage.type === "sqlite") {
    const { openEmbedded } = await import("./spool/open-spool.ts");
    return openEmbedded(
      { ...storage, card: `${storage.directory}/${DATABASE}` },
      {
        ...deps,
        owner: processOwner(),
        fateOf: (owner) => fateOf(owner, true),
        newKey: () => recordKey(deps.now()),
        left: leftOn(storage.directory, deps.monotonic),
      },
      opener,
    );
  }
  const { openShared } = await import("./open-redis.ts");
  return openShared(storage, deps, opener);
}

/** Seconds for which the size of a disk is believed. */
const DISK_AGE = 5;

/** Returns what tells the bytes that are left for queues on the disk of a directory: all but its last tenth. */
function leftOn(directory: string, monotonic: () => number): () => Promise<number | undefined> {
  const usage = createDiskUsage("/");
  let known: { at: number; left: number | undefined } | undefined;
  return async () => {
    const at = monotonic();
    if (known !== undefined && at - known.at < DISK_AGE) return known.left;
    const disk = await usage(directory);
    known = { at, left: disk && disk.free - disk.total / 10 };
    return known.left;
  };
}

/** Opens a private storage in memory, for `--dry-run`. */
export async function openPrivateStorage({ now, warn }: Pick<OpenDeps, "now" | "warn">): Promise<Storage> {
  const { openSqlite } = await import("./sqlite/sqlite.ts");
  return openSqlite(":memory:", { now, warn, fateOf: () => "unknown" });
}
