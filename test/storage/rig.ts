import type { NewRecord, PeekOptions, QueueName, Storage } from "../../src/storage/storage.ts";

export type Rig = {
  storage: Storage;
  /** Lets that many seconds pass for leases; negative: sets the clock back. */
  elapse(seconds: number): Promise<void>;
  /** Owners that are known to be gone, and to be alive. */
  gone: Set<string>;
  alive: Set<string>;
  close(): Promise<void>;
};

/** What is known of owners, for a rig and the deps of its storage. */
export function fates() {
  const gone = new Set<string>();
  const alive = new Set<string>();
  const fateOf = (owner: string) => (gone.has(owner) ? "gone" : alive.has(owner) ? "alive" : "unknown");
  return { gone, alive, fateOf };
}

export const RAW = "chouette:metrics:raw";
export const WRAPPED = "chouette:metrics:wrapped";
export const ALL: PeekOptions = { limit: 1_000_000, maxBytes: 1e12, maxBody: 1e9 };

/** Makes a record whose body is the key as JSON, unless one is given. */
export function record(key: string, at: number, body = JSON.stringify(key)): NewRecord {
  return { key, at, body };
}

export function add(storage: Storage, queue: QueueName, ...records: NewRecord[]): Promise<void> {
  return storage.commit({ add: [{ queue, records }] });
}

export async function peekKeys(
  storage: Storage,
  queue: QueueName,
  options: Partial<PeekOptions> = {},
): Promise<string[]> {
  return (await storage.peek(queue, { ...ALL, ...options } as PeekOptions)).map(({ key }) => key);
}
