import type { Clock } from "../schedule/clock.ts";
import type { Lease, Storage } from "../storage/storage.ts";

/** Seconds; every commit under a lease renews it, and no request to the intake takes longer. */
export const LEASE_SECONDS = 90;

/** Seconds between two looks at a lease that another process holds. */
const RETRY_SECONDS = 0.5;

/** Another process has been consuming the queue for all the time that we may wait; `owner` names it. */
export class LeaseBusy extends Error {
  override readonly name = "LeaseBusy";
  readonly owner: string;
  constructor(owner: string) {
    super("another chouette is at work on this queue");
    this.owner = owner;
  }
}

/**
 * Runs `work` while this process is the only one that consumes the queue. Waits up to `patience` seconds for another process
 * to finish, then rejects with LeaseBusy.
 */
export async function withLease<T>(
  { storage, clock }: { storage: Storage; clock: Clock },
  lease: Lease,
  { patience, signal }: { patience: number; signal: AbortSignal },
  work: () => Promise<T>,
): Promise<T> {
  const deadline = clock.monotonic() + patience;
  for (;;) {
    const owner = await storage.acquire(lease, LEASE_SECONDS);
    if (owner === undefined) break;
    if (signal.aborted || clock.monotonic() + RETRY_SECONDS > deadline) throw new LeaseBusy(owner);
    await clock.sleep(RETRY_SECONDS, signal);
  }
  try {
    return await work();
  } finally {
    await storage.release(lease);
  }
}
