import { StorageError } from "../errors.ts";
import type { Clock } from "../schedule/clock.ts";
import type { Storage } from "../storage/storage.ts";
import type { SendReport } from "./send-report.ts";

export type KeepBacklogDeps = {
  storage: Pick<Storage, "persist">;
  clock: Clock;
  /** Seconds between two releases. */
  releaseInterval: number;
};

/** Seconds between two writes of the positions in sources of logs while deliveries succeed: what a power cut may repeat. */
const POSITIONS = 900;

/**
 * Takes the report of each release, and makes what waits survive a power cut once deliveries of its track have failed for one
 * release interval, then after each release while they fail: a short interruption of the network costs the card nothing.
 * A card that fails is reported by the storage, and tried again after the next release.
 */
export function createKeepBacklog({ storage, clock, releaseInterval }: KeepBacklogDeps) {
  let positionsAt = Number.NEGATIVE_INFINITY;
  const persist = (what: "logs" | "backlog") =>
    storage.persist(what).catch((error: unknown) => {
      if (!(error instanceof StorageError)) throw error;
    });
  const failingSince = new Map<SendReport["track"], number>();
  return async ({ track, failure }: Pick<SendReport, "track" | "failure">): Promise<void> => {
    if (failure === undefined) {
      failingSince.delete(track);
      if (track === "metrics" || clock.monotonic() - positionsAt < POSITIONS) return;
      positionsAt = clock.monotonic();
      await persist("logs");
      return;
    }
    // Not worth a write: they expire within minutes.
    if (track === "checks") return;
    const since = failingSince.get(track) ?? clock.monotonic();
    failingSince.set(track, since);
    if (clock.monotonic() - since < releaseInterval) return;
    await persist("backlog");
  };
}
