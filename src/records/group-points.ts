import type { Point } from "../model.ts";
import type { NewRecord } from "../storage/storage.ts";
import type { Moment } from "./moment.ts";
import { packBody, pointBody } from "./point.ts";
import { seriesId } from "./series-identity.ts";

/** Seconds that the points of one record may lie apart: a record is sent, and expires, as a whole. */
const SPAN = 60;

/** Limits of a record with several series. */
const PACK = { points: 200, bytes: 50_000 } as const;

export type PointRecordsOptions = {
  /** The host that built them; empty: no host. */
  host: string;
  newKey: () => string;
  /** Given while the clock is not confirmed. */
  moment?: Moment | undefined;
  /** What `Storage.shared` says of the queue. */
  shared: boolean;
};

/**
 * Returns points as records of their queue, those of a capture or a window as few records, so that a backlog takes less room: one
 * for each series where other programs read the queue, else one for each minute.
 */
export function pointRecords(points: readonly Point[], options: PointRecordsOptions): NewRecord[] {
  const { host, newKey, moment, shared } = options;
  const groups = new Map<string, [Point, ...Point[]]>();
  for (const point of points) {
    const { metric, tags, type, interval } = point;
    const key = `${type}|${interval}|${minuteOf(point)}|${seriesId(metric, tags)}`;
    const group = groups.get(key);
    if (group) group.push(point);
    else groups.set(key, [point]);
  }
  const series = [...groups.values()].map(([first, ...later]): Packed => {
    const ours = host === "" ? first : { ...first, host };
    return { first, points: later.length + 1, body: pointBody(ours, later, shared ? moment : undefined) };
  });
  if (shared) return series.map(({ first, body }) => ({ key: newKey(), at: first.timestamp, body }));
  return packs(series).map((pack) => ({
    key: newKey(),
    at: pack[0].first.timestamp,
    body: packBody(
      pack.map(({ body }) => body),
      moment,
    ),
    weight: pack.reduce((sum, one) => sum + one.points, 0),
  }));
}

type Packed = { first: Point; points: number; body: string };

/** Divides series into those that share a record: of one minute, and within the limits. */
function packs(series: readonly Packed[]): [Packed, ...Packed[]][] {
  const full: [Packed, ...Packed[]][] = [];
  const open = new Map<number, { pack: [Packed, ...Packed[]]; points: number; bytes: number }>();
  for (const one of series) {
    const minute = minuteOf(one.first);
    const found = open.get(minute);
    const bytes = Buffer.byteLength(one.body) + (found?.bytes ?? 0);
    const points = one.points + (found?.points ?? 0);
    if (found !== undefined && points <= PACK.points && bytes <= PACK.bytes) {
      found.pack.push(one);
      Object.assign(found, { points, bytes });
    } else {
      const pack: [Packed, ...Packed[]] = [one];
      full.push(pack);
      open.set(minute, { pack, points: one.points, bytes: Buffer.byteLength(one.body) });
    }
  }
  return full;
}

function minuteOf({ timestamp }: Point): number {
  return Math.floor(timestamp / SPAN);
}
