import { parseJson } from "../json/parse-json.ts";

/** When something was captured, whatever the clock says: a boot of the machine, and the seconds since it began. */
export type Moment = { boot: string; up: number };

/** Returns the moment of a record of points that an unconfirmed clock stamped; undefined for every other. */
export function momentOf(body: string): Moment | undefined {
  // Most records have none, and parsing a backlog takes minutes.
  if (!body.includes('"boot":')) return undefined;
  const { boot, up } = fieldsOf(body);
  return typeof boot === "string" && typeof up === "number" && Number.isFinite(up) ? { boot, up } : undefined;
}

/** Returns the record of points with its first point at that second (Unix), the others as far from it as before, and without its moment. */
export function movedTo(body: string, second: number): { at: number; body: string } {
  const { boot: _boot, up: _up, ...record } = fieldsOf(body);
  const { series } = record;
  const all = Array.isArray(series) ? series.map(objectOf) : [record];
  const by = second - timeOf(pairsOf(all[0] ?? {})[0]);
  const [first, ...others] = all.map((one) => moved(one, by));
  return { at: second, body: JSON.stringify(Array.isArray(series) ? { series: [first, ...others] } : first) };
}

function moved(series: Record<string, unknown>, by: number): Record<string, unknown> {
  const { metric, tags, points: _points, ...rest } = series;
  const points = pairsOf(series).map((pair) =>
    Array.isArray(pair) ? [timeOf(pair) + by, ...pair.slice(1)] : pair,
  );
  return { metric, tags, points, ...rest };
}

function pairsOf({ points }: Record<string, unknown>): readonly unknown[] {
  return Array.isArray(points) ? points : [];
}

function timeOf(pair: unknown): number {
  const time: unknown = Array.isArray(pair) ? pair[0] : undefined;
  return typeof time === "number" ? time : 0;
}

function fieldsOf(body: string): Record<string, unknown> {
  return objectOf(parseJson(body));
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
