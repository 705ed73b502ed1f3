import type { Measurement } from "../records/raw-metric.ts";
import { addToSum, type ExactSum, emptySum, sumTotal } from "./exact-sum.ts";
import type { Keeps } from "./wrapper.ts";

type Sample = { timestamp: number; value: number };

/**
 * What is kept of one metric in one window while its records are read. Neither the order in which they come nor the way they are
 * cut into batches changes what it comes to.
 */
export type Fold =
  | { keep: "sum"; sum: ExactSum }
  | { keep: "latest"; latest: Sample }
  | { keep: "values"; values: number[] }
  | { keep: "samples"; samples: Sample[] }
  | { keep: "elements"; elements: Set<string> };

export function emptyFold(type: Measurement["type"], keeps: Keeps | undefined): Fold {
  if (type === "set") return { keep: "elements", elements: new Set() };
  const keep = keeps?.[type] ?? "samples";
  switch (keep) {
    case "sum":
      return { keep, sum: emptySum() };
    case "latest":
      return { keep, latest: { timestamp: Number.NEGATIVE_INFINITY, value: Number.NaN } };
    case "values":
      return { keep, values: [] };
    case "samples":
      return { keep, samples: [] };
  }
}

/** Adds a measurement of the fold's type; returns about how many bytes it takes more. */
export function addToFold(fold: Fold, measurement: Measurement): number {
  if (measurement.type === "set") return fold.keep === "elements" ? addElements(fold, measurement.value) : 0;
  const { timestamp, value } = measurement;
  switch (fold.keep) {
    case "sum":
      addToSum(fold.sum, value);
      return 0;
    case "latest":
      if (isLater(measurement, fold.latest)) fold.latest = { timestamp, value };
      return 0;
    case "values":
      fold.values.push(value);
      return 8;
    case "samples":
      fold.samples.push({ timestamp, value });
      return 48;
    case "elements":
      return 0;
  }
}

/** Adds all that another fold of the same kind holds. */
export function mergeFold(fold: Fold, other: Fold): void {
  if (fold.keep === "sum" && other.keep === "sum") {
    for (const part of other.sum.parts ?? [other.sum.whole]) addToSum(fold.sum, part);
  } else if (fold.keep === "latest" && other.keep === "latest") {
    if (isLater(other.latest, fold.latest)) fold.latest = other.latest;
  } else if (fold.keep === "values" && other.keep === "values") {
    for (const value of other.values) fold.values.push(value);
  } else if (fold.keep === "samples" && other.keep === "samples") {
    for (const sample of other.samples) fold.samples.push(sample);
  } else if (fold.keep === "elements" && other.keep === "elements") {
    for (const element of other.elements) fold.elements.add(element);
  }
}

/** The values as a wrapper sees them, see `Merged`. */
export function foldValues(fold: Fold): number[] {
  switch (fold.keep) {
    case "sum":
      return [sumTotal(fold.sum)];
    case "latest":
      return [fold.latest.value];
    case "values":
      return fold.values;
    case "samples":
      return fold.samples.sort(byTime).map(({ value }) => value);
    case "elements":
      return [fold.elements.size];
  }
}

function addElements({ elements }: { elements: Set<string> }, added: readonly string[]): number {
  let bytes = 0;
  for (const element of added) {
    if (elements.has(element)) continue;
    elements.add(element);
    bytes += 50 + element.length;
  }
  return bytes;
}

/** Compares by value when the timestamps are equal, so that the order of arrival does not matter. */
function byTime(a: Sample, b: Sample): number {
  return a.timestamp - b.timestamp || a.value - b.value;
}

function isLater(sample: Sample, than: Sample): boolean {
  return (
    sample.timestamp > than.timestamp || (sample.timestamp === than.timestamp && sample.value > than.value)
  );
}
