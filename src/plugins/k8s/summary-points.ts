import type { Point } from "../../model.ts";
import type { Capture } from "../plugin.ts";
import { reading } from "../reading.ts";
import type { MetricsChoice } from "./metrics-choice.ts";
import type { Summary } from "./stats-summary.ts";

/**
 * Returns the chosen metrics of the node and of its pods that have a value, and always the number of pods. With none of the chosen
 * figures there is a reason.
 */
export function summaryPoints({ node, pods }: Summary, choice: MetricsChoice, at: number): Capture {
  const chosen = [
    ...nodePoints(node, choice.node, at),
    ...pods.flatMap((pod) => podPoints(pod, choice.pods, at)),
  ];
  const isChosen = choice.node.length > 0 || (choice.pods.length > 0 && pods.length > 0);
  return {
    points: [...chosen, ...reading("Chouette.k8s.pods.running", pods.length, at)],
    ...(isChosen && chosen.length === 0 && NO_FIGURES),
  };
}

const NO_FIGURES = {
  reason: "the kubelet has none of the figures that K8S_METRICS chooses",
  remedy: "see what it has: kubectl get --raw /api/v1/nodes/NODE/proxy/stats/summary",
};

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
  return rowPoints("Chouette.k8s.node", rows, groups, tags, at);
}

function podPoints(pod: Summary["pods"][number], groups: MetricsChoice["pods"], at: number): Point[] {
  const hasOthers = pod.memory.rssBytes !== undefined || pod.memory.usageBytes !== undefined;
  const tags = [`namespace:${pod.namespace}`, `pod_name:${pod.name}`];
  const rows: Row<MetricsChoice["pods"][number]>[] = [
    [["cpu"], "cpu.usageNanoCores", pod.cpu.usageNanoCores],
    [["memory"], "memory.rssBytes", pod.memory.rssBytes],
    [["memory"], "memory.usageBytes", pod.memory.usageBytes],
    // Kubelets on the statistics of the container runtime may have this one alone.
    [["memory"], "memory.workingSetBytes", hasOthers ? undefined : pod.memory.workingSetBytes],
    [["network"], "network.rxBytes", pod.network.rxBytes],
    [["network"], "network.txBytes", pod.network.txBytes],
  ];
  return rowPoints("Chouette.k8s.pod", rows, groups, tags, at);
}

/** The groups of a metric, its name and its value. */
type Row<Group extends string> = [groups: Group[], name: string, value: number | undefined];

function rowPoints<Group extends string>(
  prefix: string,
  rows: Row<Group>[],
  groups: readonly Group[],
  tags: readonly string[],
  at: number,
): Point[] {
  return rows.flatMap(([own, name, value]) =>
    own.some((group) => groups.includes(group)) ? reading(`${prefix}.${name}`, value, at, tags) : [],
  );
}
