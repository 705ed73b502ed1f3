import type { Clock } from "../schedule/clock.ts";
import type { Storage } from "../storage/storage.ts";
import type { SendReport } from "./send-report.ts";

export type KeepBacklogDeps = {
  storage: Pick<Storage, "persist">;
  clock: Clock;
  /** Seconds between two releases. */
  releaseInterval: number;
};

/**
 * Takes the report of each release, and makes what waits survive a power cut once deliveries of its track have failed for one
 * release interval, then after each release while they fail: a network that is away for a moment costs the card nothing.
 * Rejects with StorageError where the card fails.
 */
export function createKeepBacklog({ storage, clock, releaseInterval }: KeepBacklogDeps) {
  const failingSince = new Map<SendReport["track"], number>();
  return async ({ track, failure }: Pick<SendReport, "track" | "failure">): Promise<void> => {
    if (failure === undefined) {
      failingSince.delete(track);
      return;
    }
    const since = failingSince.get(track) ?? clock.monotonic();
    failingSince.set(track, since);
    if (clock.monotonic() - since >= releaseInterval) await storage.persist();
  };
}
