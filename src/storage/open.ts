import type { Config } from "../config/config.ts";
import { createDiskUsage } from "../io/disk-usage.ts";
import { fateOf, processOwner } from "../io/process-owner.ts";
import { recordKey } from "../records/key.ts";
import type { RedisAddress } from "../redis/address.ts";
import { bounded, countRecords } from "./bounded.ts";
import { measuringGrowth } from "./growth.ts";
import type { Opener } from "./spool/open-spool.ts";
import type { DataQueue, Storage } from "./storage.ts";

export type OpenDeps = {
  /** Unix seconds. */
  now(): number;
  /** Seconds. */
  monotonic(): number;
  /** Receives messages for a person: a damaged database was moved aside. */
  warn(message: string): void;
  /** Called when the storage becomes unreachable, with the reason, and when it is back. */
  onState(up: boolean, error: string): void;
  /** Called when the card below the embedded storage begins to fail (why), and when it works again. */
  onCard(up: boolean, error: string): void;
  /** Called when the oldest records of a queue were dropped: beyond the limit of the storage, or RAM is full and the card fails. */
  onOverflow(queue: DataQueue, records: number): void;
};

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
  const { now, onState } = deps;
  if (storage.type === "sqlite") {
    const { openEmbedded } = await import("./spool/open-spool.ts");
    return openEmbedded(
      { ...storage, card: `${storage.directory}/${DATABASE}` },
      {
        ...deps,
        owner: processOwner(),
        fateOf: (owner) => fateOf(owner, true),
        newKey: () => recordKey(now()),
        left: leftOn(storage.directory, deps.monotonic),
      },
      opener,
    );
  }
  const { openRedis } = await import("./redis/redis.ts");
  const redis = openRedis(await trusting(storage.address), {
    now,
    onState,
    fateOf: (owner) => fateOf(owner, false),
  });
  const bounds = { most: storage.maxRecords, unit: "records", every: RECOUNT } as const;
  const left = async () => undefined;
  const within = bounded(redis, { ...bounds, used: () => countRecords(redis), left }, deps);
  return opener === "agent" ? measuringGrowth(within, ({ length }) => length, deps.monotonic) : within;
}

/** Seconds between two counts of the records in Redis. */
const RECOUNT = 10;

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

/** Adds the authorities that TLS trusts, which are read only where there is TLS. */
async function trusting(address: RedisAddress): Promise<RedisAddress> {
  return address.tls ? (await import("../io/trusted-authorities.ts")).withAuthorities(address) : address;
}

/** Opens a private storage in memory, for `--dry-run`. */
export async function openPrivateStorage({ now, warn }: Pick<OpenDeps, "now" | "warn">): Promise<Storage> {
  const { openSqlite } = await import("./sqlite/sqlite.ts");
  return openSqlite(":memory:", { now, warn, fateOf: () => "unknown" });
}
