import { gauge, type Point } from "../model.ts";

/** Amounts are bytes, counts, percent and seconds. Signed is power, which may flow back, and what custom plugins measure. */
export type Quantity = "amount" | "celsius" | "signed";

/** From 2^63 on, an unsigned counter is a negative number in disguise; this is the largest double below. */
const MOST = 2 ** 63 - 1024;

/** The smallest and largest plausible values. Absent probes read −127, 255 or −256 °C. */
const RANGES: Readonly<Record<Quantity, readonly [least: number, most: number]>> = {
  amount: [0, MOST],
  celsius: [-60, 200],
  signed: [-MOST, MOST],
};

/** Returns the number, or undefined when it is implausible. */
export function sound(value: number | undefined, quantity: Quantity = "amount"): number | undefined {
  const [least, most] = RANGES[quantity];
  return value !== undefined && value >= least && value <= most ? value : undefined;
}

/** Returns `whole` minus `part`; undefined when one is unknown or the part is larger. */
export function remainder(whole: number | undefined, part: number | undefined): number | undefined {
  return whole === undefined || part === undefined ? undefined : sound(whole - part);
}

/** Returns the gauge of a reading at `at` (Unix seconds), or [] without a plausible value. */
export function reading(
  metric: string,
  value: number | undefined,
  at: number,
  tags: readonly string[] = [],
  quantity: Quantity = "amount",
): Point[] {
  const known = sound(value, quantity);
  return known === undefined ? [] : [gauge(metric, known, at, tags)];
}
