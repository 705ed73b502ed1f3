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

/** Returns the record of points with all of its points at that second (Unix), and without its moment. */
export function movedTo(body: string, second: number): { at: number; body: string } {
  const { boot: _boot, up: _up, points, ...fields } = fieldsOf(body);
  const pairs: unknown[] = Array.isArray(points) ? points : [];
  const first = timeOf(pairs[0]);
  const moved = pairs.map((pair) =>
    Array.isArray(pair) ? [second + timeOf(pair) - first, ...pair.slice(1)] : pair,
  );
  const { metric, tags, ...rest } = fields;
  return { at: second, body: JSON.stringify({ metric, tags, points: moved, ...rest }) };
}

function timeOf(pair: unknown): number {
  const time: unknown = Array.isArray(pair) ? pair[0] : undefined;
  return typeof time === "number" ? time : 0;
}

function fieldsOf(body: string): Record<string, unknown> {
  const record = parseJson(body);
  return typeof record === "object" && record !== null ? (record as Record<string, unknown>) : {};
}
