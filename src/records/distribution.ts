import { parseJson } from "../json/parse-json.ts";
import type { Distribution, Sketch } from "../model.ts";
import type { NewRecord } from "../storage/storage.ts";
import { optionalText, readSecond } from "./read-field.ts";
import { type OnManyTags, type Series, seriesReader } from "./series-identity.ts";
import { isValue } from "./value.ts";

/**
 * Builds the record of a distribution for `chouette:distributions:wrapped`:
 * `{"metric":"page.load","tags":["zone:a"],"timestamp":1591541270,"values":[12,15.5],"host":"pi"}`.
 * A record is sent once as it is: what has been built for a second is never built again.
 */
export function distributionRecord(distribution: Distribution, key: string): NewRecord {
  return { key, at: distribution.timestamp, body: JSON.stringify(distribution) };
}

/**
 * Builds the record of a sketch for `chouette:sketches:wrapped`:
 * `{"metric":"page.load","tags":[],"timestamp":1591541270,"count":3,"min":12,"max":15,"sum":40,"bins":[[1498,1],[1513,2]],"host":"pi"}`.
 */
export function sketchRecord(sketch: Sketch, key: string): NewRecord {
  return { key, at: sketch.timestamp, body: JSON.stringify(sketch) };
}

/** The parser of records of distributions; it returns undefined for what is not one. The global tags become part of the series. */
export function distributionParser(
  globalTags: readonly string[],
  onManyTags?: OnManyTags,
): (body: string) => Distribution | undefined {
  const read = fieldReader(globalTags, onManyTags);
  return (body) => {
    const record = read(body);
    const values = record?.fields.values;
    if (record === undefined || !Array.isArray(values) || values.length === 0 || !values.every(isValue))
      return undefined;
    return { ...record.head, values };
  };
}

/** The parser of records of sketches; it returns undefined for what is not one. The global tags become part of the series. */
export function sketchParser(
  globalTags: readonly string[],
  onManyTags?: OnManyTags,
): (body: string) => Sketch | undefined {
  const read = fieldReader(globalTags, onManyTags);
  return (body) => {
    const record = read(body);
    if (record === undefined) return undefined;
    const { count, min, max, sum, bins } = record.fields;
    const numbers = isCount(count) && isValue(min) && isValue(max) && typeof sum === "number";
    return numbers && areBins(bins) ? { ...record.head, count, min, max, sum, bins } : undefined;
  };
}

type Head = Pick<Distribution, "metric" | "tags" | "timestamp" | "host">;

/** Reads what both have in common: the series, the second, the host. */
function fieldReader(globalTags: readonly string[], onManyTags?: OnManyTags) {
  const readSeries = seriesReader(globalTags, onManyTags);
  return (body: string): { head: Head; fields: Record<string, unknown> } | undefined => {
    const parsed = parseJson(body);
    if (typeof parsed !== "object" || parsed === null) return undefined;
    const fields = parsed as Record<string, unknown>;
    const { metric, tags, timestamp, host } = fields;
    const series: Series | undefined = typeof metric === "string" ? readSeries(metric, tags) : undefined;
    const second = readSecond(timestamp);
    if (series === undefined || second === undefined) return undefined;
    const head = {
      metric: series.metric,
      tags: series.tags,
      timestamp: second,
      ...optionalText("host", host),
    };
    return { head, fields };
  };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0;
}

/** Keys are 16-bit numbers to Datadog's agent. */
function areBins(bins: unknown): bins is Sketch["bins"] {
  return (
    Array.isArray(bins) &&
    bins.length > 0 &&
    bins.every(
      (bin) =>
        Array.isArray(bin) &&
        bin.length === 2 &&
        Number.isSafeInteger(bin[0]) &&
        Math.abs(bin[0]) <= 32_767 &&
        isCount(bin[1]) &&
        bin[1] <= 0xffff_ffff,
    )
  );
}
