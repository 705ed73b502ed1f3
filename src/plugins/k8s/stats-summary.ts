import { amount, type JsonObject, record, text } from "../foreign-json.ts";

/** The figures of a node or a pod: bytes, nanoseconds, billionths of a core; undefined where the kubelet says nothing. */
export type Usage = {
  cpu: Figures<"usageNanoCores" | "usageCoreNanoSeconds">;
  memory: Figures<"rssBytes" | "usageBytes" | "availableBytes" | "workingSetBytes">;
  network: Figures<"rxBytes" | "txBytes">;
};
export type Figures<K extends string> = Record<K, number | undefined>;

export type Summary = {
  node: Usage & { name: string; fs: Figures<"availableBytes" | "usedBytes" | "inodesFree"> };
  pods: (Usage & { namespace: string; name: string })[];
};

const CPU = ["usageNanoCores", "usageCoreNanoSeconds"] as const;
const MEMORY = ["rssBytes", "usageBytes", "availableBytes", "workingSetBytes"] as const;
const NETWORK = ["rxBytes", "txBytes"] as const;
const FS = ["availableBytes", "usedBytes", "inodesFree"] as const;

/**
 * Reads the body of the kubelet's `GET /stats/summary`, where any field may be missing, each pod once; undefined for another body.
 * https://github.com/kubernetes/kubelet/blob/master/pkg/apis/stats/v1alpha1/types.go
 * `{"node":{"nodeName":"pi","cpu":{"usageNanoCores":501884788,…},…},"pods":[{"podRef":{"name":"web-0","namespace":"default"},…}]}`
 */
export function parseStatsSummary(body: unknown): Summary | undefined {
  const summary = record(body);
  if (!("node" in summary) && !Array.isArray(summary.pods)) return undefined;
  const node = record(summary.node);
  return {
    node: { name: text(node.nodeName), fs: figures(node.fs, FS), ...parseUsage(node) },
    pods: onePerName(list(summary.pods).flatMap(parsePod)),
  };
}

/** A pod, and when it was started, Unix milliseconds; NaN where the kubelet does not say. */
type ParsedPod = Summary["pods"][number] & { startedAt: number };

/**
 * A kubelet may list a pod that is gone beside the one that replaced it (https://github.com/kubernetes/kubernetes/pull/77426). The
 * one that was started later counts, else the one that has figures above 0.
 */
function onePerName(pods: readonly ParsedPod[]): Summary["pods"] {
  const byName = new Map<string, ParsedPod>();
  for (const pod of pods) {
    const key = `${pod.namespace}/${pod.name}`;
    const other = byName.get(key);
    byName.set(key, other === undefined || replaces(pod, other) ? pod : other);
  }
  return [...byName.values()].map(({ startedAt, ...pod }) => pod);
}

function replaces(pod: ParsedPod, other: ParsedPod): boolean {
  if (pod.startedAt > other.startedAt) return true;
  return !(pod.startedAt < other.startedAt) && figuresAboveZero(pod) > figuresAboveZero(other);
}

function figuresAboveZero({ cpu, memory, network }: Usage): number {
  return [cpu, memory, network].flatMap((part) => Object.values(part)).filter((figure) => (figure ?? 0) > 0)
    .length;
}

function parsePod(pod: JsonObject): ParsedPod[] {
  const { name, namespace } = record(pod.podRef);
  if (text(name) === "" || text(namespace) === "") return [];
  const own = parseUsage(pod);
  const containers = list(pod.containers);
  // Kubelets before 1.11 report cpu and memory only for containers, not for pods.
  return [
    {
      namespace: text(namespace),
      name: text(name),
      startedAt: Date.parse(text(pod.startTime)),
      cpu:
        "cpu" in pod
          ? own.cpu
          : sums(
              containers.map(({ cpu }) => figures(cpu, CPU)),
              CPU,
            ),
      memory:
        "memory" in pod
          ? own.memory
          : sums(
              containers.map(({ memory }) => figures(memory, MEMORY)),
              MEMORY,
            ),
      network: own.network,
    },
  ];
}

/** Reads the counters of the default interface, which are in `network` itself; `interfaces` alone does not tell which is the default. */
function parseUsage(part: JsonObject): Usage {
  return {
    cpu: figures(part.cpu, CPU),
    memory: figures(part.memory, MEMORY),
    network: figures(part.network, NETWORK),
  };
}

function figures<K extends string>(body: unknown, keys: readonly K[]): Figures<K> {
  const section = record(body);
  return byKey(keys, (key) => amount(section[key]));
}

/** Sums each key over the figures that have it. */
function sums<K extends string>(parts: readonly Figures<K>[], keys: readonly K[]): Figures<K> {
  return byKey(keys, (key) =>
    parts.reduce<number | undefined>(
      (total, part) => (part[key] === undefined ? total : (total ?? 0) + part[key]),
      undefined,
    ),
  );
}

function byKey<K extends string>(keys: readonly K[], value: (key: K) => number | undefined): Figures<K> {
  return Object.fromEntries(keys.map((key) => [key, value(key)])) as Figures<K>;
}

function list(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.map(record) : [];
}
