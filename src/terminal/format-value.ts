import { formatBytes } from "./quantities.ts";

/** A value with the unit that the names of Chouette's own metrics tell, others without; six significant digits. */
export function formatValue(metric: string, value: number): string {
  const digits = Number.isInteger(value) ? `${value}` : `${Number(value.toPrecision(6))}`;
  const unit = /^chouette\./i.test(metric) ? UNITS.find(([names]) => names.test(metric))?.[1] : undefined;
  if (unit === undefined) return digits;
  return unit === "bytes" ? formatBytes(value) : `${digits} ${unit}`;
}

/** By the ends of the names in the plugins' READMEs; the first that fits counts. */
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
