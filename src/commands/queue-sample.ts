import { distributionParser, sketchParser } from "../records/distribution.ts";
import { eventParser } from "../records/event.ts";
import { parseLog } from "../records/log.ts";
import { pointParser } from "../records/point.ts";
import { rawMetricParser } from "../records/raw-metric.ts";
import { serviceCheckParser } from "../records/service-check.ts";
import { type QueueName, type StoredRecord, weightOf } from "../storage/storage.ts";

/** Statistics of a queue's records; `bytes` and `malformed` are extrapolated when not all of them were read. */
export type QueueSample = {
  bytes: number;
  /** Number of records that the agent cannot read and will set aside. */
  malformed: number;
  /** The most frequent names of metrics and service checks, titles of events, services of logs, or reasons of rejections among the records that were read. */
  top: { name: string; count: number }[];
  /** Number of records that were read; of a record with several points each counts. */
  sampled: number;
};

const TOP = 5;

/** Characters of a name that are shown: an application chooses the name of its service. */
const LONGEST = 200;

/** Describes a queue of `count` records (see `Storage.weight`) by the `records` that were read. */
export function describeSample(
  queue: QueueName,
  records: readonly StoredRecord[],
  count: number,
): QueueSample {
  const names = records.flatMap(({ body }) => (body === undefined ? [undefined] : namesOf(queue, body)));
  const sampled = weightOf(records);
  const scale = sampled === 0 ? 0 : Math.max(1, count / sampled);
  const counts = new Map<string, number>();
  for (const name of names) if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
  return {
    bytes: Math.round(records.reduce((bytes, record) => bytes + record.bytes, 0) * scale),
    malformed: Math.round(names.filter((name) => name === undefined).length * scale),
    top: [...counts]
      .map(([name, number]) => ({ name, count: number }))
      .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1))
      .slice(0, TOP),
    sampled,
  };
}

const parseRawMetric = rawMetricParser([]);
const readPoints = pointParser([]);
const parseDistribution = distributionParser([]);
const parseSketch = sketchParser([]);
const parseEvent = eventParser([]);
const parseServiceCheck = serviceCheckParser([]);

/** Returns a record's metrics, service, or reason of rejection; undefined when the record is malformed. */
function namesOf(queue: QueueName, body: string): (string | undefined)[] {
  try {
    if (queue !== "chouette:metrics:wrapped") return [readName(queue, body)];
    return readPoints(body)?.map(([point]) => point?.metric) ?? [undefined];
  } catch {
    return [undefined];
  }
}

function readName(queue: QueueName, body: string): string | undefined {
  switch (queue) {
    case "chouette:metrics:raw": {
      const metric = parseRawMetric(body);
      return typeof metric === "string" ? undefined : metric.series.metric;
    }
    case "chouette:logs:wrapped":
      return fieldOf(body, "service");
    case "chouette:distributions:wrapped":
      return parseDistribution(body)?.metric;
    case "chouette:sketches:wrapped":
      return parseSketch(body)?.metric;
    case "chouette:events:wrapped":
      return parseEvent(body, 0)?.title.slice(0, LONGEST);
    case "chouette:checks:wrapped":
      return parseServiceCheck(body, 0)?.name.slice(0, LONGEST);
    default:
      return fieldOf(body, "reason");
  }
}

function fieldOf(body: string, name: "service" | "reason"): string | undefined {
  const record = parseLog(body);
  if (record === undefined) return undefined;
  const value = record[name];
  return typeof value === "string" && value !== "" ? value.slice(0, LONGEST) : `(no ${name})`;
}
