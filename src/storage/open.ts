import type { Config } from "../config/config.ts";
import { ownerIsGone } from "../io/process-owner.ts";
import type { Storage } from "./storage.ts";

export type OpenDeps = {
  /** Unix seconds. */
  now(): number;
  /** Is told what a person should know: a damaged database was moved aside. */
  warn(message: string): void;
  /** Is told that the storage got out of reach (why), and that it is back. */
  onState(up: boolean, error: string): void;
};

/** The file of the embedded storage in its directory. */
export const DATABASE = "chouette.db";

/**
 * Opens the storage that the configuration names; `readOnly` never creates or changes anything. Only that adapter is loaded,
 * since each costs memory and time at every start. Rejects with StorageError.
 */
export async function openStorage(
  storage: Config["storage"],
  { now, warn, onState }: OpenDeps,
  readOnly = false,
): Promise<Storage> {
  if (storage.type === "sqlite") {
    const { openSqlite } = await import("./sqlite/sqlite.ts");
    const deps = { now, warn, ownerIsGone: (owner: string) => ownerIsGone(owner, true) };
    return openSqlite(`${storage.directory}/${DATABASE}`, deps, { readOnly });
  }
  const { openRedis } = await import("./redis/redis.ts");
  return openRedis(storage.address, { now, onState, ownerIsGone: (owner) => ownerIsGone(owner, false) });
}

/** A storage of this process alone, in memory: for `--dry-run`. */
export async function openPrivateStorage({ now, warn }: Pick<OpenDeps, "now" | "warn">): Promise<Storage> {
  const { openSqlite } = await import("./sqlite/sqlite.ts");
  return openSqlite(":memory:", { now, warn, ownerIsGone: () => false });
}
