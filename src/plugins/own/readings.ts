import * as v from "valibot";
import { parseDatagram } from "../../dogstatsd/datagram.ts";
import { gauge, type Point } from "../../model.ts";
import type { Capture } from "../plugin.ts";
import { sound } from "../reading.ts";

/** A reading as an example for messages. */
export const EXAMPLE = '{ metric: "my.temp", value: 21.5, tags: ["room:attic"] }';

const SHAPE = "metric and value, and optionally tags, type, interval and timestamp";
const SECONDS = "Unix seconds, not milliseconds";

const readingSchema = v.pipe(
  v.strictObject(
    {
      metric: v.pipe(v.string("a name"), v.regex(/\S/, "a name")),
      value: v.pipe(
        v.number("a finite number"),
        v.finite("a finite number"),
        v.check((value) => sound(value, "signed") !== undefined, "a number below 2^63"),
      ),
      tags: v.optional(v.array(v.string('texts such as "room:attic"'), "a list"), []),
      type: v.optional(v.picklist(["gauge", "count"], "gauge or count"), "gauge"),
      interval: v.optional(
        v.pipe(v.number("whole seconds"), v.integer("whole seconds"), v.minValue(1, "whole seconds")),
      ),
      timestamp: v.optional(
        v.pipe(v.number(SECONDS), v.minValue(1, SECONDS), v.maxValue(99_999_999_999, SECONDS)),
      ),
    },
    SHAPE,
  ),
  v.check(
    ({ type, interval }) => (type === "count") === (interval !== undefined),
    "interval, the seconds that the value covers, if and only if type is count",
  ),
);

/**
 * Converts what a custom module's `collect` returned into points, at `at` (Unix seconds) for readings without a timestamp. A text
 * is a DogStatsD line, which goes into the windows of applications.
 * Leaves out invalid readings with a `reason`; throws an error made by `failed` when none is valid. Stops at one point more than
 * `maxPoints`, so that a flood is noticed and costs no memory.
 */
export function shapeReadings(
  readings: unknown,
  at: number,
  maxPoints: number,
  failed: (what: string) => Error,
): Capture {
  if (!Array.isArray(readings))
    throw failed(`returned ${nameOf(readings)} from collect, expected a list such as [${EXAMPLE}]`);
  if (readings.length === 0) return { points: [], reason: "collect returned an empty list" };

  const series = new Map<string, Point>();
  const lines: string[] = [];
  let refused = 0;
  let first = "";
  for (const [index, reading] of readings.entries()) {
    if (Math.max(series.size, lines.length) > maxPoints) break;
    const problem = typeof reading === "string" ? takeLine(reading, lines) : take(reading, at, series);
    if (problem === undefined) continue;
    if (refused === 0) first = `reading ${index} ${problem}`;
    refused++;
  }
  const points = [...series.values()];
  const found = { points, ...(lines.length > 0 && { lines }) };
  if (refused === 0) return found;
  const reason = `${refused} of ${readings.length} readings left out, first: ${first}`;
  if (points.length + lines.length === 0) throw failed(`returned no valid reading from collect: ${reason}`);
  return { ...found, reason, remedy: `Return readings such as ${EXAMPLE}.` };
}

/** Adds a DogStatsD line, `job.duration:320|ms|#job:backup`; returns the mistake in an invalid one. */
function takeLine(line: string, lines: string[]): string | undefined {
  const { metrics, events, checks, malformed } = parseDatagram(line);
  if (malformed > 0 || metrics.length + events.length + checks.length !== 1)
    return "is not a line of DogStatsD";
  lines.push(line);
  return undefined;
}

/** Adds the reading to its series; returns the mistake in an invalid one. */
function take(reading: unknown, at: number, series: Map<string, Point>): string | undefined {
  const { issues, output } = v.safeParse(readingSchema, reading, { abortEarly: true });
  if (issues !== undefined) {
    const [{ message, received }] = issues;
    return `${v.getDotPath(issues[0]) ?? ""} expects ${message}, got ${received}`.trimStart();
  }
  const { metric, value, type, interval, timestamp = at } = output;
  const point = gauge(metric, value, timestamp, [...new Set(output.tags)]);
  const key = JSON.stringify([metric, point.tags, point.timestamp]);
  if (series.has(key)) return "repeats the metric, tags and time of an earlier one";
  series.set(key, interval === undefined ? point : { ...point, type, interval });
  return undefined;
}

function nameOf(value: unknown): string {
  return value === null || value === undefined ? String(value) : `a value of type ${typeof value}`;
}
