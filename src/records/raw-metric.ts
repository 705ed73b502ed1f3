import { overJsonLimits } from "../json/json-limits.ts";
import { parseLenientJson } from "./lenient-json.ts";
import { withNumberTexts } from "./number-texts.ts";
import { elementText, type OnManyTags, type Series, seriesReader } from "./series-identity.ts";
import { isValue } from "./value.ts";

/** One measurement of an application: a value of a series. `timestamp` is Unix seconds and may have a fraction. */
export type Measurement = { series: Series; timestamp: number } & (
  | {
      type: "count" | "gauge" | "rate" | "histogram" | "distribution";
      value: number;
      /** Measurements that this value of a histogram or a distribution stands for; 1 unless only a sample was sent. */
      weight?: number;
    }
  /** The elements of a set, each as text, so that 1 and "1" stay one element as they do for Datadog. */
  | { type: "set"; value: readonly string[] }
);

/** Parses a record of an application; returns the reason when it is malformed. */
export type ParseRawMetric = (body: string) => Measurement | string;

/**
 * The parser of raw metrics, e.g. `{"metric": "my.count", "type": "count", "value": 1, "timestamp": 1591541270.99,
 * "tags": {"zone": "a"}}`. The global tags become part of the series. Never throws.
 */
export function rawMetricParser(globalTags: readonly string[], onManyTags?: OnManyTags): ParseRawMetric {
  const readSeries = seriesReader(globalTags, onManyTags);
  return (body) => {
    const record = parseLenientJson(body);
    if (record === undefined) return `it ${overJsonLimits(body) ?? "is not JSON"}`;
    if (typeof record !== "object" || record === null || Array.isArray(record))
      return "it is not a JSON object";
    const fields = record as Record<string, unknown>;
    const { metric: name, type, timestamp, weight } = fields;
    const { tags, value } = withNumberTexts(fields, body);
    if (typeof name !== "string" || name === "") return "it has no name";
    if (!isFiniteNumber(timestamp)) return "its timestamp is not a number";
    const series = readSeries(name, tags);
    if (series === undefined) return `its name ${quoted(name)} has no letter from A to Z`;
    switch (type) {
      case "count":
      case "gauge":
      case "rate":
      case "histogram":
        // `count("door.opened", True)`: to Python True is 1.
        if (typeof value === "boolean") return { series, type, value: Number(value), timestamp };
        if (!isFiniteNumber(value)) return "its value is not a finite number";
        if (!isValue(value)) return `its value ${value} is over 3.4e38, the largest that the intake takes`;
        return { series, type, value, timestamp };
      case "distribution":
        if (!isValue(value)) return "its value is not a number that can be sent";
        if (weight === undefined) return { series, type, value, timestamp };
        return isWeight(weight)
          ? { series, type, value, timestamp, weight }
          : "its weight is not a whole number from 1 to 1000000000";
      case "set":
        if (!Array.isArray(value)) return "its value is not a list, as that of a set is";
        return { series, type, value: value.map(elementText), timestamp };
      case undefined:
      case null:
        return "it has no type";
      default:
        return `its type ${quoted(type)} is unknown`;
    }
  };
}

/** The beginning of what was given, as JSON. */
function quoted(value: unknown): string {
  return JSON.stringify(value).slice(0, 100);
}

function isWeight(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= 1e9;
}

function isFiniteNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}
