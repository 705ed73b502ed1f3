import { parseDatagram } from "../../dogstatsd/datagram.ts";
import { toRawMetrics } from "../../dogstatsd/raw-metrics.ts";
import { PluginError } from "../../errors.ts";
import type { Point, RawMetric } from "../../model.ts";
import type { Capture } from "../plugin.ts";
import { sound } from "../reading.ts";

const REMEDY =
  "Print one metric a line: room.temperature:21.5|g|#room:attic for a gauge, door.opened:1|c for a count.";

/**
 * Parses lines such as `room.temperature:21.5|g|#room:attic` into points at `at` (Unix seconds): the last value of a gauge that is
 * printed twice, the sum of a count, which covers `interval` seconds. All else that DogStatsD has (histograms, sets, events…) is left
 * as `lines` for the windows of applications. Leaves out malformed lines with a `reason`. Throws PluginError when no line is left.
 */
export function shapeOutput(lines: readonly string[], at: number, interval: number): Capture {
  const series = new Map<string, Point>();
  const refused: string[] = [];
  const others: string[] = [];
  for (const line of lines) {
    const { metrics, events, checks, malformed } = parseDatagram(line);
    const plain = metrics.filter(({ type }) => type === "c" || type === "g");
    const isOther = plain.length < metrics.length || events.length + checks.length > 0;
    if (isOther && malformed === 0) {
      others.push(line);
      continue;
    }
    const measurements = plain.flatMap((sample) => toRawMetrics(sample, at)).filter(isPlain);
    const taken = measurements.filter((each) => add(series, each, interval));
    if (malformed > 0 || taken.length === 0 || taken.length < measurements.length) refused.push(line);
  }
  const found = { points: [...series.values()], ...(others.length > 0 && { lines: others }) };
  if (lines.length === 0) return { ...found, reason: "the command printed nothing", remedy: REMEDY };
  if (refused.length === 0) return found;
  const reason = `${refused.length} of ${lines.length} lines are not DogStatsD that can be sent, first ${quote(refused[0])}`;
  if (found.points.length + others.length === 0) throw new PluginError(reason, REMEDY);
  return { ...found, reason, remedy: REMEDY };
}

type Plain = RawMetric & { type: "count" | "gauge" };

function isPlain(metric: RawMetric): metric is Plain {
  return metric.type === "count" || metric.type === "gauge";
}

/** Adds to the sum; returns false, and changes nothing, when the value or the sum cannot be true. */
function add(series: Map<string, Point>, { metric, type, ...raw }: Plain, interval: number): boolean {
  const tags = [...new Set(raw.tags)].sort();
  const timestamp = Math.floor(raw.timestamp);
  const key = JSON.stringify([metric, type, tags, timestamp]);
  const value = type === "count" ? raw.value + (series.get(key)?.value ?? 0) : raw.value;
  if (sound(value, "signed") === undefined) return false;
  const point = { metric, tags, timestamp, value, type };
  series.set(key, type === "count" ? { ...point, interval } : point);
  return true;
}

function quote(line = ""): string {
  return JSON.stringify(line.slice(0, 100));
}
