import { expect, test } from "bun:test";
import { parseStatsSummary, type Summary } from "../../../src/plugins/k8s/stats-summary.ts";
import { summaryPoints } from "../../../src/plugins/k8s/summary-points.ts";

const CHOICE = { node: ["inodes" as const], pods: ["memory" as const, "cpu" as const] };

function capture(pod: object, node: object = {}) {
  const body = { node, pods: [{ podRef: { name: "web-0", namespace: "d" }, ...pod }] };
  const { points, reason } = summaryPoints(parseStatsSummary(body) as Summary, CHOICE, 0);
  return { values: Object.fromEntries(points.map(({ metric, value }) => [metric, value])), reason };
}

test("the working set is sent of a kubelet that gives no other figure of memory", () => {
  expect(capture({ memory: { workingSetBytes: 7 } })).toEqual({
    values: { "Chouette.k8s.pod.memory.workingSetBytes": 7, "Chouette.k8s.pods.running": 1 },
    reason: undefined,
  });
  expect(capture({ memory: { workingSetBytes: 7, usageBytes: 9 } }).values).toEqual({
    "Chouette.k8s.pod.memory.usageBytes": 9,
    "Chouette.k8s.pods.running": 1,
  });
});

test("none of the chosen figures gives a reason", () => {
  expect(capture({ network: { rxBytes: 1 } })).toEqual({
    values: { "Chouette.k8s.pods.running": 1 },
    reason: expect.stringContaining("K8S_METRICS"),
  });
});

test("figures that cannot be true are not sent", () => {
  const impossible = { cpu: { usageNanoCores: 2 ** 64 }, memory: { usageBytes: -1, rssBytes: 2 ** 63 } };
  expect(capture(impossible, { fs: { inodesFree: -1 } }).values).toEqual({ "Chouette.k8s.pods.running": 1 });
});
