import { type MetricUnit, unitOf } from "../records/metric-unit.ts";
import { formatBytes } from "./quantities.ts";

/** Formats a value with six significant digits, and with its unit for Chouette's own metrics. */
export function formatValue(metric: string, value: number): string {
  const digits = Number.isInteger(value) ? `${value}` : `${Number(value.toPrecision(6))}`;
  const unit = unitOf(metric);
  if (unit === undefined || unit === "nanocore") return digits;
  return unit === "byte" ? formatBytes(value) : `${digits} ${SYMBOLS[unit]}`;
}

const SYMBOLS: Readonly<Record<Exclude<MetricUnit, "byte" | "nanocore">, string>> = {
  percent: "%",
  "degree celsius": "°C",
  milliwatt: "mW",
  hertz: "Hz",
  second: "s",
  nanosecond: "ns",
};
