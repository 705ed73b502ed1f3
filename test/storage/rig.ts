import type { NewRecord, PeekOptions, QueueName, Storage } from "../../src/storage/storage.ts";

export type Rig = {
  storage: Storage;
  /** Lets that many seconds pass for leases; negative: sets the clock back. */
  elapse(seconds: number): Promise<void>;
  /** Owners that are known to be gone. */
  gone: Set<string>;
  close(): Promise<void>;
};

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
  return (await storage.peek(queue, { ...ALL, ...options })).map(({ key }) => key);
}
