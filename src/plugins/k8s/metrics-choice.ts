import * as v from "valibot";

const POD_GROUPS = ["memory", "cpu", "network"] as const;
const NODE_GROUPS = ["filesystem", "memory", "ram", "cpu", "inodes", "network"] as const;

/** Groups of metrics to send of each pod and of the node; `ram` is another word for `memory`. */
export type MetricsChoice = {
  pods: (typeof POD_GROUPS)[number][];
  node: (typeof NODE_GROUPS)[number][];
};

/** Ends the sentence "K8S_METRICS: got …, expects …". */
export const METRICS_CHOICE = `JSON like {"pods":["memory","cpu"],"node":["inodes"]} (pods: ${POD_GROUPS.join(" ")}; node: ${NODE_GROUPS.join(" ")})`;

/** `{"pods":["memory","cpu"],"node":["inodes"]}`; a part that is left out is empty. */
export const metricsChoiceSchema: v.GenericSchema<string, MetricsChoice> = v.pipe(
  v.string(),
  v.parseJson(),
  v.strictObject({
    pods: v.optional(v.array(v.picklist(POD_GROUPS)), []),
    node: v.optional(v.array(v.picklist(NODE_GROUPS)), []),
  }),
);
