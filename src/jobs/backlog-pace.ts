/** Spaces out the requests for a backlog, those of all queues together. */
export type BacklogPace = {
  /** Monotonic second before which no request for a backlog starts. */
  notBefore(): number;
  /** Takes the bytes of a request that ended at `now`, and returns the seconds that they should take. */
  sent(bytes: number, now: number): number;
};

/**
 * Creates a pace of so many bytes per second. Pauses vary at random by a half, so that the devices of a fleet
 * that lost the same network do not send in step.
 */
export function createBacklogPace(bytesPerSecond: number, random: () => number): BacklogPace {
  let notBefore = Number.NEGATIVE_INFINITY;
  return {
    notBefore: () => notBefore,
    sent: (bytes, now) => {
      const seconds = bytes / bytesPerSecond;
      notBefore = Math.max(now, notBefore) + seconds * (0.5 + random());
      return seconds;
    },
  };
}
