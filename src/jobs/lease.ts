import { LeaseLost } from "../errors.ts";
import type { Clock } from "../schedule/clock.ts";
import type { Lease, Storage } from "../storage/storage.ts";

/** Seconds; every commit under a lease renews it, and so does `keep`. A request that makes no progress is given up after 50. */
export const LEASE_SECONDS = 90;

/** Seconds after which `keep` renews, which is a write to the SD card. */
const KEEP_SECONDS = 30;

/** Seconds between two looks at a lease that another process holds. */
const RETRY_SECONDS = 0.5;

/** Another process has been consuming the queue for all the time that we may wait; `owner` names it. */
export class LeaseBusy extends Error {
  override readonly name = "LeaseBusy";
  readonly owner: string;
  constructor(owner: string) {
    super("another chouette is using this queue");
    this.owner = owner;
  }
}

/**
 * Runs `work` while this process is the only one that consumes the queue. Waits up to `patience` seconds for another process
 * to finish, then rejects with LeaseBusy. `work` calls `keep` before anything slow other than a commit; `keep` rejects with
 * LeaseLost when another process took the lease.
 */
export async function withLease<T>(
  { storage, clock }: { storage: Storage; clock: Clock },
  lease: Lease,
  { patience, signal }: { patience: number; signal: AbortSignal },
  work: (keep: () => Promise<void>) => Promise<T>,
): Promise<T> {
  const deadline = clock.monotonic() + patience;
  for (;;) {
    const owner = await storage.acquire(lease, LEASE_SECONDS);
    if (owner === undefined) break;
    if (signal.aborted || clock.monotonic() + RETRY_SECONDS > deadline) throw new LeaseBusy(owner);
    await clock.sleep(RETRY_SECONDS, signal);
  }
  let kept = clock.monotonic();
  const keep = async () => {
    if (clock.monotonic() - kept < KEEP_SECONDS) return;
    if ((await storage.acquire(lease, LEASE_SECONDS)) !== undefined)
      throw new LeaseLost(`the lease on ${lease.name} is lost`);
    kept = clock.monotonic();
  };
  try {
    return await work(keep);
  } finally {
    await storage.release(lease);
  }
}
