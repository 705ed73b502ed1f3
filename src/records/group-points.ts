import type { Point } from "../model.ts";
import type { NewRecord } from "../storage/storage.ts";
import type { Moment } from "./moment.ts";
import { pointBody } from "./point.ts";
import { seriesId } from "./series-identity.ts";

/** Seconds that the points of one record may lie apart: a record is sent, and expires, as a whole. */
const SPAN = 60;

/**
 * Returns points as records of the queue, with the host that built them (empty: no host). Points of one series that lie close
 * together share a record, so that a backlog takes less room.
 */
export function pointRecords(
  points: readonly Point[],
  host: string,
  newKey: () => string,
  moment?: Moment,
): NewRecord[] {
  const groups = new Map<string, [Point, ...Point[]]>();
  for (const point of points) {
    const { metric, tags, type, interval, timestamp } = point;
    const key = `${type}|${interval}|${Math.floor(timestamp / SPAN)}|${seriesId(metric, tags)}`;
    const group = groups.get(key);
    if (group) group.push(point);
    else groups.set(key, [point]);
  }
  return [...groups.values()].map(([first, ...later]) => ({
    key: newKey(),
    at: first.timestamp,
    body: pointBody(host === "" ? first : { ...first, host }, later, moment),
  }));
}
