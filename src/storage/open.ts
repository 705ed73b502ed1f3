import type { Config } from "../config.ts";
import { ownerIsGone } from "../io/process-owner.ts";
import { openRedis } from "./redis.ts";
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

/** The storage that the configuration names; `readOnly` never creates or changes anything. Throws StorageError. */
export function openStorage(storage: Config["storage"], { now, warn }: OpenDeps, readOnly = false): Storage {
  if (storage.type === "sqlite") {
    const deps = { now, warn, ownerIsGone: (owner: string) => ownerIsGone(owner, true) };
    return openSqlite(`${storage.directory}/${DATABASE}`, deps, { readOnly });
  }
  const onState = (up: boolean, error: string) =>
    warn(up ? "Redis is back" : `Redis is out of reach: ${error}`);
  return openRedis({ url: storage.url }, { now, onState, ownerIsGone: (owner) => ownerIsGone(owner, false) });
}

/** A storage of this process alone, in memory: for `--dry-run`. */
export function openPrivateStorage({ now, warn }: OpenDeps): Storage {
  return openSqlite(":memory:", { now, warn, ownerIsGone: () => false });
}
