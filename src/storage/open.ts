import type { Config } from "../config.ts";
import { ownerIsGone } from "../io/process-owner.ts";
import { openSqlite } from "./sqlite.ts";
import type { Storage } from "./storage.ts";

export type OpenDeps = {
  /** Unix seconds. */
  now(): number;
  /** Is told what a person should know: a database moved aside, Redis gone or back. */
  warn(message: string): void;
};

/** The file of the embedded storage in its directory. */
export const DATABASE = "chouette.db";

/** The storage that the configuration names; `readOnly` never creates or changes anything. Rejects with StorageError. */
export async function openStorage(
  storage: Config["storage"],
  { now, warn }: OpenDeps,
  readOnly = false,
): Promise<Storage> {
  if (storage.type === "sqlite") {
    const deps = { now, warn, ownerIsGone: (owner: string) => ownerIsGone(owner, true) };
    return openSqlite(`${storage.directory}/${DATABASE}`, deps, { readOnly });
  }
  // Loaded only where it is used: ioredis costs a device without Redis memory and time at every start.
  const { openRedis } = await import("./redis.ts");
  const onState = (up: boolean, error: string) =>
    warn(up ? "Redis is back" : `Redis is out of reach: ${error}`);
  return openRedis({ url: storage.url }, { now, onState, ownerIsGone: (owner) => ownerIsGone(owner, false) });
}

/** A storage of this process alone, in memory: for `--dry-run`. */
export function openPrivateStorage({ now, warn }: OpenDeps): Storage {
  return openSqlite(":memory:", { now, warn, ownerIsGone: () => false });
}
