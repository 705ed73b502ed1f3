import { gauge, type Point } from "../../model.ts";
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
        .filter(([zone, celsius]) => isMeasured(zone, celsius))
        .map(([zone, celsius]) => gauge("Chouette.tegrastats.temperature", celsius, at, [`zone:${zone}`]));
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
        .map(([rail, milliwatts]) => gauge("Chouette.tegrastats.power", milliwatts, at, [`rail:${rail}`]));
  }
}

function usagePoints(metric: string, usage: Usage | undefined, at: number): Point[] {
  if (usage === undefined) return [];
  return [gauge(`${metric}.used`, usage.used, at), gauge(`${metric}.free`, usage.total - usage.used, at)];
}

/** The PMIC has no sensor that can be read: a constant, 100 or 50. A zone whose part of the chip is switched off shows −256. */
function isMeasured(zone: string, celsius: number): boolean {
  return !/^pmic/i.test(zone) && celsius > -256;
}

function percentPoints(metric: string, load: Load | undefined, at: number, tags: string[] = []): Point[] {
  return load?.percent === undefined ? [] : [gauge(metric, load.percent, at, tags)];
}

function fastestClusterPoints(metric: string, load: Load | undefined, at: number): Point[] {
  return load?.mhz === undefined ? [] : [gauge(metric, Math.round(Math.max(...load.mhz) * 1e6), at)];
}
