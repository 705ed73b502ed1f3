/** Units of Chouette's own metrics, in the words of Datadog (https://docs.datadoghq.com/metrics/units/). */
export type MetricUnit =
  | "byte"
  | "percent"
  | "degree celsius"
  | "milliwatt"
  | "hertz"
  | "second"
  | "nanosecond"
  | "nanocore";

/** Returns the unit of a metric of Chouette, which follows from its name; undefined for any other metric, and for what is only counted. */
export function unitOf(metric: string): MetricUnit | undefined {
  if (!/^chouette\./i.test(metric)) return undefined;
  return UNITS.find(([names]) => names.test(metric))?.[1];
}

/** Units by the end of the metric's name, as in the plugins' READMEs; the first match counts. */
const UNITS: readonly (readonly [names: RegExp, unit: MetricUnit])[] = [
  [/percentage$|\.psi\.\w+$|\.life_used$/, "percent"],
  [/\.temperature$/, "degree celsius"],
  [/\.power$/, "milliwatt"],
  [/\.frequency$/, "hertz"],
  [/\.(uptime|duration)$/, "second"],
  [/\.cpu\.usage(CoreNanoSeconds)?$/, "nanosecond"],
  [/\.cpu\.usageNanoCores$/, "nanocore"],
  [
    /\.(memory|ram|swap|fs)\.(?!oom_kills|inodes)\w+$|\.(io\.(read|write)|network\.(rx|tx)|disk\.written)$|bytes(\.\w+)?$/i,
    "byte",
  ],
];
