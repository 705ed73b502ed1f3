import type { DataQueue } from "./storage.ts";

/** What opening a storage needs of its caller. */
export type OpenDeps = {
  /** Unix seconds. */
  now(): number;
  /** Seconds. */
  monotonic(): number;
  /** Receives messages for a person: a damaged database was moved aside. */
  warn(message: string): void;
  /** Called when Redis becomes unreachable or refuses writes, with the reason, and when it works again. */
  onState(up: boolean, error: string): void;
  /** Called when the card below the embedded storage begins to fail (why), and when it works again. */
  onCard(up: boolean, error: string): void;
  /** Called when the oldest records of a queue were dropped: beyond the limit of the storage, or RAM is full and the card fails. */
  onOverflow(queue: DataQueue, records: number): void;
};
