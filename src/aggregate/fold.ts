import type { Measurement } from "../records/raw-metric.ts";
import { addToSum, type ExactSum, emptySum, sumTotal } from "./exact-sum.ts";
import type { Keeps } from "./wrapper.ts";

type Timed = { timestamp: number; value: number };

/** `weight`: measurements that the value stands for. */
type Sample = Timed & { weight: number };

/**
 * What is kept of one metric in one window while its records are read. Neither the order in which they come nor the way they are
 * cut into batches changes what it comes to.
 */
export type Fold =
  | { keep: "sum"; sum: ExactSum }
  | { keep: "latest"; latest: Timed }
  | { keep: "values"; values: number[]; weights: number[] | undefined }
  | { keep: "samples"; samples: Sample[] }
  | { keep: "elements"; elements: Set<string> };

export function emptyFold(type: Measurement["type"], keeps: Keeps | undefined): Fold {
  if (type === "set") return { keep: "elements", elements: new Set() };
  if (type === "distribution") return { keep: "values", values: [], weights: undefined };
  const keep = keeps?.[type] ?? "samples";
  switch (keep) {
    case "sum":
      return { keep, sum: emptySum() };
    case "latest":
      return { keep, latest: { timestamp: Number.NEGATIVE_INFINITY, value: Number.NaN } };
    case "values":
      return { keep, values: [], weights: undefined };
    case "samples":
      return { keep, samples: [] };
  }
}

/** Adds a measurement of the fold's type; returns about how many bytes it takes more. */
export function addToFold(fold: Fold, measurement: Measurement): number {
  if (measurement.type === "set") return fold.keep === "elements" ? addElements(fold, measurement.value) : 0;
  const { timestamp, value, weight = 1 } = measurement;
  switch (fold.keep) {
    case "sum":
      addToSum(fold.sum, value);
      return 0;
    case "latest":
      if (isLater(measurement, fold.latest)) fold.latest = { timestamp, value };
      return 0;
    case "values":
      return addValue(fold, value, weight);
    case "samples":
      fold.samples.push({ timestamp, value, weight });
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
    for (const [index, value] of other.values.entries()) addValue(fold, value, other.weights?.[index] ?? 1);
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
      return repeated(fold.samples.sort(byTime));
    case "elements":
      return [fold.elements.size];
  }
}

/** How many measurements each of the values stands for; undefined when each is one. */
export function foldWeights(fold: Fold): number[] | undefined {
  return fold.keep === "values" ? fold.weights : undefined;
}

/** Returns about how many bytes it takes more. */
function addValue(fold: Fold & { keep: "values" }, value: number, weight: number): number {
  if (weight !== 1) fold.weights ??= Array<number>(fold.values.length).fill(1);
  fold.values.push(value);
  fold.weights?.push(weight);
  return fold.weights === undefined ? 8 : 16;
}

/** Most values that a list of samples becomes because of their weights: a line of text must not fill a small device. */
const MOST_REPEATED = 100_000;

/** Each value as often as it was measured: a custom wrapper knows no weights. */
function repeated(samples: readonly Sample[]): number[] {
  const most = Math.max(1, Math.floor(MOST_REPEATED / samples.length));
  const values: number[] = [];
  for (const { value, weight } of samples)
    for (let times = Math.min(weight, most); times > 0; times--) values.push(value);
  return values;
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
function byTime(a: Timed, b: Timed): number {
  return a.timestamp - b.timestamp || a.value - b.value;
}

function isLater(sample: Timed, than: Timed): boolean {
  return (
    sample.timestamp > than.timestamp || (sample.timestamp === than.timestamp && sample.value > than.value)
  );
}
