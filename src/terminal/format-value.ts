import { formatBytes } from "./quantities.ts";

/** Formats a value with six significant digits, and with its unit for Chouette's own metrics, which follows from their names. */
export function formatValue(metric: string, value: number): string {
  const digits = Number.isInteger(value) ? `${value}` : `${Number(value.toPrecision(6))}`;
  const unit = /^chouette\./i.test(metric) ? UNITS.find(([names]) => names.test(metric))?.[1] : undefined;
  if (unit === undefined) return digits;
  return unit === "bytes" ? formatBytes(value) : `${digits} ${unit}`;
}

/** Units by the end of the metric's name, as in the plugins' READMEs; the first match counts. */
const UNITS: readonly (readonly [names: RegExp, unit: string])[] = [
  [/percentage$|\.psi\.\w+$|\.life_used$/, "%"],
  [/\.temperature$/, "°C"],
  [/\.power$/, "mW"],
  [/\.frequency$/, "Hz"],
  [/\.(uptime|duration)$/, "s"],
  [/\.cpu\.usage(CoreNanoSeconds)?$/, "ns"],
  [
    /\.(memory|ram|swap|fs)\.(?!oom_kills|inodes)\w+$|\.(io\.(read|write)|network\.(rx|tx))$|bytes(\.\w+)?$/i,
    "bytes",
  ],
];
