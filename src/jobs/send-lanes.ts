import type { PeekOptions } from "../storage/storage.ts";
import type { BacklogPace } from "./backlog-pace.ts";

/** A part of a queue by time. */
export type Lane = {
  range: Pick<PeekOptions, "from" | "before">;
  /** The pace of its requests; undefined: as fast as it goes. */
  pace?: BacklogPace | undefined;
};

/** Release intervals for which a record is live: what one failed release left is still on time for a dashboard. */
export const LIVE_INTERVALS = 2;

/** Divides a queue whose oldest record is of that second into what is live and the backlog, in the order of delivery. */
export function lanesOf(
  now: number,
  { releaseInterval, backlogPace }: { releaseInterval: number; backlogPace?: BacklogPace | undefined },
  oldest: number | undefined,
): Lane[] {
  const edge = now - LIVE_INTERVALS * releaseInterval;
  const live: Lane = { range: { from: edge } };
  const backlog: Lane = { range: { before: edge }, pace: backlogPace };
  return oldest !== undefined && oldest < edge ? [live, backlog] : [live];
}
