import { gauge, type Point } from "../../model.ts";
import type { MetricsChoice } from "./metrics-choice.ts";
import type { Summary } from "./stats-summary.ts";

/** Returns the chosen metrics of the node and its pods that have a value, and always the number of pods. */
export function summaryPoints({ node, pods }: Summary, choice: MetricsChoice, at: number): Point[] {
  return [
    ...nodePoints(node, choice.node, at),
    ...pods.flatMap((pod) => podPoints(pod, choice.pods, at)),
    gauge("Chouette.k8s.pods.running", pods.length, at),
  ];
}

function nodePoints(node: Summary["node"], groups: MetricsChoice["node"], at: number): Point[] {
  const tags = node.name === "" ? [] : [`node_name:${node.name}`];
  const rows: Row<MetricsChoice["node"][number]>[] = [
    [["cpu"], "cpu.usageNanoCores", node.cpu.usageNanoCores],
    [["cpu"], "cpu.usageCoreNanoSeconds", node.cpu.usageCoreNanoSeconds],
    [["memory", "ram"], "memory.rssBytes", node.memory.rssBytes],
    [["memory", "ram"], "memory.usageBytes", node.memory.usageBytes],
    [["memory", "ram"], "memory.availableBytes", node.memory.availableBytes],
    [["memory", "ram"], "memory.workingSetBytes", node.memory.workingSetBytes],
    [["network"], "network.rxBytes", node.network.rxBytes],
    [["network"], "network.txBytes", node.network.txBytes],
    [["inodes"], "fs.inodesFree", node.fs.inodesFree],
    [["filesystem"], "fs.availableBytes", node.fs.availableBytes],
    [["filesystem"], "fs.usedBytes", node.fs.usedBytes],
  ];
  return chosen("Chouette.k8s.node", rows, groups, tags, at);
}

function podPoints(pod: Summary["pods"][number], groups: MetricsChoice["pods"], at: number): Point[] {
  const tags = [`namespace:${pod.namespace}`, `pod_name:${pod.name}`];
  const rows: Row<MetricsChoice["pods"][number]>[] = [
    [["cpu"], "cpu.usageNanoCores", pod.cpu.usageNanoCores],
    [["memory"], "memory.rssBytes", pod.memory.rssBytes],
    [["memory"], "memory.usageBytes", pod.memory.usageBytes],
    [["network"], "network.rxBytes", pod.network.rxBytes],
    [["network"], "network.txBytes", pod.network.txBytes],
  ];
  return chosen("Chouette.k8s.pod", rows, groups, tags, at);
}

/** The groups of a metric, its name and its value. */
type Row<Group extends string> = [groups: Group[], name: string, value: number | undefined];

function chosen<Group extends string>(
  prefix: string,
  rows: Row<Group>[],
  groups: readonly Group[],
  tags: readonly string[],
  at: number,
): Point[] {
  return rows.flatMap(([own, name, value]) =>
    value !== undefined && own.some((group) => groups.includes(group))
      ? [gauge(`${prefix}.${name}`, value, at, tags)]
      : [],
  );
}
