import type { Point } from "../../model.ts";
import { reading, remainder } from "../reading.ts";
import type { Load, Tegrastats, Usage } from "./parse-tegrastats.ts";

/** Groups of metrics that TEGRASTATS_METRICS chooses from. */
export const GROUPS = ["ram", "temp", "swap", "cpu", "gpu", "emc", "power"] as const;

export type Group = (typeof GROUPS)[number];

/** The points of one group; [] when the reading has nothing for it. */
export function tegrastatsPoints(stats: Tegrastats, group: Group, at: number): Point[] {
  switch (group) {
    case "ram":
      return usagePoints("Chouette.tegrastats.ram", stats.ram, at);
    case "temp":
      // Zones and rails are named as printed: older releases say `zone:CPU`, newer ones `zone:cpu`.
      return [...stats.temperatures]
        .filter(([zone]) => isMeasured(zone))
        .flatMap(([zone, celsius]) =>
          reading("Chouette.tegrastats.temperature", celsius, at, [`zone:${zone}`], "celsius"),
        );
    case "swap":
      return usagePoints("Chouette.tegrastats.swap", stats.swap, at);
    case "cpu":
      return [...stats.cores].flatMap(([core, load]) =>
        load === "off" ? [] : percentPoints("Chouette.tegrastats.cpu.percentage", load, at, [`core:${core}`]),
      );
    case "gpu":
      return [
        ...percentPoints("Chouette.tegrastats.gpu.percentage", stats.gpu, at),
        ...fastestClusterPoints("Chouette.tegrastats.gpu.frequency", stats.gpu, at),
      ];
    case "emc":
      return percentPoints("Chouette.tegrastats.emc.percentage", stats.emc, at);
    case "power":
      // Channels of the sensor that are "not connected" are printed as `NC 0mW/0mW`.
      return [...stats.power]
        .filter(([rail]) => rail !== "NC")
        .flatMap(([rail, milliwatts]) =>
          reading("Chouette.tegrastats.power", milliwatts, at, [`rail:${rail}`], "signed"),
        );
  }
}

function usagePoints(metric: string, usage: Usage | undefined, at: number): Point[] {
  const free = remainder(usage?.total, usage?.used);
  if (usage === undefined || free === undefined) return [];
  return [...reading(`${metric}.used`, usage.used, at), ...reading(`${metric}.free`, free, at)];
}

/** The PMIC has no sensor that can be read: a constant, 100 or 50. */
function isMeasured(zone: string): boolean {
  return !/^pmic/i.test(zone);
}

function percentPoints(metric: string, load: Load | undefined, at: number, tags: string[] = []): Point[] {
  return reading(metric, load?.percent, at, tags);
}

function fastestClusterPoints(metric: string, load: Load | undefined, at: number): Point[] {
  return load?.mhz === undefined ? [] : reading(metric, Math.round(Math.max(...load.mhz) * 1e6), at);
}
