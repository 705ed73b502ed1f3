import { readSketches } from "../../src/datadog/read-sketches.ts";
import type { Sketch } from "../../src/model.ts";

export type OtherTrack = "distributions" | "sketches" | "events" | "checks";

export type SeenDistribution = {
  metric: string;
  tags?: string[];
  host?: string;
  points: [timestamp: number, values: number[]][];
};

export type OtherPayload =
  | { track: "distributions"; series: SeenDistribution[] }
  | { track: "sketches"; sketches: Sketch[] }
  | { track: "events"; event: Record<string, unknown> }
  | { track: "checks"; checks: Record<string, unknown>[] };

/** Returns what a request of a track holds, or what is wrong with it. */
export function otherPayload(track: Exclude<OtherTrack, "sketches">, body: unknown): OtherPayload | string {
  if (track === "events") return isEvent(body) ? { track, event: body } : "bad event";
  if (track === "checks") {
    const checks = Array.isArray(body) ? body : [];
    const bad = checks.find((check) => !isCheck(check));
    return checks.length > 0 && bad === undefined
      ? { track, checks }
      : `bad check: ${JSON.stringify(bad ?? body).slice(0, 500)}`;
  }
  const series = isRecord(body) && Array.isArray(body.series) ? body.series : [];
  const bad = series.find((one) => !isDistribution(one));
  return series.length > 0 && bad === undefined
    ? { track, series }
    : `bad distribution: ${JSON.stringify(bad ?? body).slice(0, 500)}`;
}

/** Returns the sketches of a payload; undefined when it is not one, or a count is not that of its bins, which must ascend. */
export function sketchesIn(raw: Uint8Array): Sketch[] | undefined {
  try {
    const sketches = readSketches(raw);
    return sketches.length > 0 && sketches.every(isSketch) ? sketches : undefined;
  } catch {
    return undefined;
  }
}

const NAME = /^[A-Za-z][A-Za-z0-9_.]{0,199}$/;

function isSketch({ metric, tags, timestamp, count, bins }: Sketch): boolean {
  const ascending = bins.every(([key], index) => index === 0 || key > (bins[index - 1]?.[0] ?? key));
  const held = bins.reduce((total, [, number]) => total + number, 0);
  return (
    NAME.test(metric) && areTags(tags) && timestamp > 0 && ascending && bins.length <= 4096 && held === count
  );
}

/** "title" and "text" are required, the text has at most 4000 characters, the aggregation key 100. */
function isEvent(body: unknown): body is Record<string, unknown> {
  if (!isRecord(body)) return false;
  const { title, text, date_happened, tags = [], alert_type, priority, aggregation_key = "" } = body;
  return (
    typeof title === "string" &&
    title !== "" &&
    typeof text === "string" &&
    [...text].length <= 4000 &&
    (date_happened === undefined || Number.isSafeInteger(date_happened)) &&
    areTags(tags) &&
    [undefined, "error", "warning", "info", "success"].includes(alert_type as string) &&
    [undefined, "normal", "low"].includes(priority as string) &&
    String(aggregation_key).length <= 100
  );
}

/** "check", "host_name", "status" and "tags" are required. */
function isCheck(check: unknown): boolean {
  if (!isRecord(check)) return false;
  const { check: name, host_name, status, tags, timestamp } = check;
  return (
    typeof name === "string" &&
    typeof host_name === "string" &&
    [0, 1, 2, 3].includes(status as number) &&
    areTags(tags) &&
    (timestamp === undefined || Number.isSafeInteger(timestamp))
  );
}

function isDistribution(one: unknown): one is SeenDistribution {
  if (!isRecord(one)) return false;
  const { metric, points, tags = [], type = "distribution" } = one;
  return (
    NAME.test(String(metric)) &&
    type === "distribution" &&
    areTags(tags) &&
    Array.isArray(points) &&
    points.length > 0 &&
    points.every(
      (point) =>
        Array.isArray(point) &&
        point.length === 2 &&
        Number.isSafeInteger(point[0]) &&
        Array.isArray(point[1]) &&
        point[1].length > 0 &&
        point[1].every((value) => Number.isFinite(value)),
    )
  );
}

function areTags(tags: unknown): boolean {
  return (
    Array.isArray(tags) &&
    tags.length <= 100 &&
    tags.every((tag) => typeof tag === "string" && Buffer.byteLength(tag) <= 200)
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
