import type { Point } from "../../model.ts";
import { reading } from "../reading.ts";
import { cpuPercentage, type Timed } from "./cpu-percentage.ts";

export const METRICS = ["memory", "cpu", "raw", "network", "io", "restarts", "cpu_percentage"] as const;
export type Metric = (typeof METRICS)[number];

/** The engine's answer about a container: current counters and those of the previous capture, or the reason in `failure`. */
export type Answer = {
  id: string;
  name: string;
  now: Timed | undefined;
  before: Timed | undefined;
  restarts: number | undefined;
  failure: string | undefined;
};

/** The wanted metrics of one container that have a value, tagged `container:<name>`. */
export function containerPoints(answer: Answer, wanted: ReadonlySet<Metric>, at: number): Point[] {
  const { now, before } = answer;
  const stats = now?.stats;
  const rows: [Metric, string, number | undefined][] = [
    ["memory", "memory.usage", stats?.memory?.withoutCache],
    ["raw", "memory.raw", stats?.memory?.usage],
    ["cpu", "cpu.usage", stats?.cpuTotal],
    ["cpu_percentage", "cpu.percentage", now && cpuPercentage(before, now)],
    ["network", "network.rx", stats?.network?.rx],
    ["network", "network.tx", stats?.network?.tx],
    ["io", "io.read", stats?.io?.read],
    ["io", "io.write", stats?.io?.write],
    ["restarts", "restarts", answer.restarts],
  ];
  return rows.flatMap(([metric, name, value]) =>
    wanted.has(metric) ? reading(`Chouette.docker.${name}`, value, at, [`container:${answer.name}`]) : [],
  );
}
