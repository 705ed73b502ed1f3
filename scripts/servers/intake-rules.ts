import type { SeenRequest } from "./intake.ts";
import { type OtherPayload, type OtherTrack, otherPayload, sketchesIn } from "./intake-rules-others.ts";

type SeenPoint = { identity: string; timestamp: number; value: number };

export type Judgment = {
  status: number;
  body: string;
  points?: SeenPoint[];
  logs?: Record<string, unknown>[];
  /** What was taken of the other tracks. */
  others?: OtherPayload;
};

const LIMITS: Record<
  string,
  { wire: number; raw: number; track: "v1" | "v2" | "logs" | OtherTrack; ok: [number, string] }
> = {
  "/api/v1/series": { wire: 3_200_000, raw: 62_914_560, track: "v1", ok: [202, '{"status": "ok"}'] },
  "/api/v2/series": { wire: 512_000, raw: 5_242_880, track: "v2", ok: [202, '{"errors":[]}'] },
  "/api/v2/logs": { wire: 5_000_000, raw: 5_000_000, track: "logs", ok: [202, "{}"] },
  "/v1/input": { wire: 5_000_000, raw: 5_000_000, track: "logs", ok: [200, "{}"] },
  "/api/v1/distribution_points": {
    wire: 512_000,
    raw: 5_242_880,
    track: "distributions",
    ok: [202, '{"status": "ok"}'],
  },
  "/api/beta/sketches": { wire: 2_621_440, raw: 4_194_304, track: "sketches", ok: [202, ""] },
  "/api/v1/events": { wire: 512_000, raw: 512_000, track: "events", ok: [202, '{"status":"ok","event":{}}'] },
  "/api/v1/check_run": { wire: 512_000, raw: 5_242_880, track: "checks", ok: [202, '{"status": "ok"}'] },
};

/** Judges a request like Datadog, by its API reference, and strictly in case of doubt. */
export function judge(request: SeenRequest, apiKey: string): Judgment {
  const no = (status: number, text: string) => ({ status, body: JSON.stringify({ errors: [text] }) });
  if (request.path === "/api/v1/validate" && request.method === "GET")
    return request.headers["dd-api-key"] === apiKey
      ? { status: 200, body: '{"valid":true}' }
      : no(403, "Forbidden");
  const rules = LIMITS[request.path];
  if (rules === undefined || request.method !== "POST") return no(404, "Not Found");
  const key = request.headers["dd-api-key"];
  if (key !== apiKey) return no(key === undefined && rules.track === "logs" ? 401 : 403, "Forbidden");
  const type = rules.track === "sketches" ? "application/x-protobuf" : "application/json";
  if (request.headers["content-type"] !== type) return no(400, `not ${type}`);
  if (request.wireBytes > rules.wire || request.rawBytes > rules.raw) return no(413, "Payload too large");
  const [status, text] = rules.ok;
  if (rules.track === "sketches") {
    const sketches = sketchesIn(Buffer.from(request.body, "latin1"));
    return sketches === undefined
      ? no(400, "bad sketches")
      : { status, body: text, others: { track: "sketches", sketches } };
  }
  let body: unknown;
  try {
    body = JSON.parse(request.body);
  } catch {
    return no(400, "Payload is not JSON, or not compressed as it says");
  }
  if (rules.track === "distributions" || rules.track === "events" || rules.track === "checks") {
    const others = otherPayload(rules.track, body);
    return typeof others === "string" ? no(400, others) : { status, body: text, others };
  }
  if (rules.track === "logs") {
    if (!Array.isArray(body) || !body.every(isLog)) return no(400, "Bad request");
    return body.length > 1000 ? no(413, "too many logs") : { status, body: text, logs: body };
  }
  const list = isRecord(body) ? body.series : undefined;
  if (!Array.isArray(list)) return no(400, "no series");
  const points = list.map(rules.track === "v1" ? pointsOfV1 : pointsOfV2);
  const bad = points.indexOf(undefined);
  if (bad !== -1) return no(400, `bad series: ${JSON.stringify(list[bad]).slice(0, 500)}`);
  const all = points.flatMap((found) => found ?? []);
  return all.length > 10_000 ? no(413, "too many points") : { status, body: text, points: all };
}

type Fields = { metric: unknown; type: unknown; tags: unknown; interval: unknown; points: unknown };

function pointsOfV1({ host, ...fields }: Fields & { host?: unknown }): SeenPoint[] | undefined {
  const { points, type } = fields;
  if (!["count", "gauge", "rate", undefined].includes(type as string) || !Array.isArray(points))
    return undefined;
  return seenPoints(fields, host === undefined ? [] : [`host:${host}`], String(type), points);
}

function pointsOfV2({
  resources = [],
  ...fields
}: Fields & { resources?: { type: string; name: string }[] }) {
  const { points, tags = [] } = fields;
  const type = [undefined, "count", "rate", "gauge"][Number(fields.type)];
  if (type === undefined || !Array.isArray(points)) return undefined;
  if ((tags as string[]).some((tag) => String(tag).startsWith("device:"))) return undefined;
  const pairs = points.map(({ timestamp, value }) => [timestamp, value]);
  return seenPoints(
    fields,
    resources.map((resource) => `${resource.type}:${resource.name}`),
    type,
    pairs,
  );
}

function seenPoints(
  { metric, tags = [], interval }: Fields,
  resources: string[],
  type: string,
  pairs: unknown[][],
): SeenPoint[] | undefined {
  if (typeof metric !== "string" || !/^[A-Za-z][A-Za-z0-9_.]{0,199}$/.test(metric)) return undefined;
  if (!Array.isArray(tags) || !tags.every((tag) => typeof tag === "string" && Buffer.byteLength(tag) <= 200))
    return undefined;
  if (tags.length > 100) return undefined;
  if (interval !== undefined && !Number.isSafeInteger(interval)) return undefined;
  const good = pairs.every(
    ([at, value, ...more]) => Number.isSafeInteger(at) && isFloat32(value) && more.length === 0,
  );
  if (!good || pairs.length === 0) return undefined;
  const identity = `${metric}|${type}|${[...tags, ...resources].sort().join(",")}`;
  return pairs.map(([at, value]) => ({ identity, timestamp: Number(at), value: Number(value) }));
}

function isFloat32(value: unknown): boolean {
  return typeof value === "number" && Number.isFinite(Math.fround(value));
}

/** `ddtags` is one text on the wire. */
function isLog(log: unknown): boolean {
  return isRecord(log) && (log.ddtags === undefined || typeof log.ddtags === "string");
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
