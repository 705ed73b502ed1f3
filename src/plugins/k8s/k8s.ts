import * as v from "valibot";
import { booleanSchema, integerSchema, textSchema, type Variables } from "../../config/variable.ts";
import type { Plugin } from "../plugin.ts";
import { readCredentials } from "./credentials.ts";
import { getSummary } from "./kubelet.ts";
import { METRICS_CHOICE, metricsChoiceSchema } from "./metrics-choice.ts";
import { summaryPoints } from "./summary-points.ts";

const variables = {
  host: {
    names: ["K8S_STATS_SERVICE_IP"],
    meaning: "Address of the kubelet, mostly the node's internal one.",
    expects: "an address or a host name",
    schema: v.pipe(textSchema(), v.regex(/^[\w.:-]+$/)),
  },
  port: {
    names: ["K8S_STATS_SERVICE_PORT"],
    default: "10250",
    meaning: "Port of the kubelet.",
    expects: "a whole number from 1 to 65535",
    schema: integerSchema(1, 65535),
  },
  certPath: {
    names: ["K8S_CERT_PATH"],
    meaning: "Client certificate (PEM) that the kubelet accepts.",
    expects: "a path",
    schema: textSchema(),
  },
  keyPath: {
    names: ["K8S_KEY_PATH"],
    meaning: "Private key (PEM) of that certificate.",
    expects: "a path",
    schema: textSchema(),
  },
  tokenPath: {
    names: ["K8S_TOKEN_PATH"],
    meaning: "Bearer token in place of a certificate; without either, the token mounted into the pod.",
    expects: "a path",
    schema: textSchema(),
  },
  caPath: {
    names: ["K8S_CA_PATH"],
    meaning:
      "Authority (PEM) that signed the kubelet's certificate; without a value, the one mounted into the pod.",
    expects: "a path",
    schema: textSchema(),
  },
  insecureTls: {
    names: ["K8S_INSECURE_TLS"],
    meaning:
      "Whether the kubelet's certificate is left unverified; without a value, only when no authority is known.",
    expects: "true or false",
    schema: booleanSchema(),
  },
  metrics: {
    names: ["K8S_METRICS"],
    default: '{"pods":["memory","cpu"],"node":["inodes"]}',
    meaning: "What is sent of each pod and of the node.",
    expects: METRICS_CHOICE,
    schema: metricsChoiceSchema,
  },
} as const satisfies Variables;

/** Captures the node and its pods from the kubelet's summary. */
export const k8s: Plugin<typeof variables> = {
  variables,
  create(values, io) {
    const { host, port, metrics } = values;
    let warned = false;
    return {
      async collect(at, signal) {
        if (host === undefined)
          return {
            points: [],
            reason: "no kubelet is configured (K8S_STATS_SERVICE_IP is not set)",
            remedy: "set K8S_STATS_SERVICE_IP to the node's address (kubectl get nodes -o wide)",
          };
        const credentials = await readCredentials(values, io);
        const summary = await getSummary(host, port, credentials, io, signal);
        const { points, reason, remedy } = summaryPoints(summary, metrics, at);
        const isUnverified = !warned && !credentials.tls.verify && values.insecureTls !== true;
        warned ||= isUnverified;
        const reasons = [reason, isUnverified ? UNVERIFIED.reason : undefined].filter(isKnown);
        const remedies = [remedy, isUnverified ? UNVERIFIED.remedy : undefined].filter(isKnown);
        return {
          points,
          ...(reasons.length > 0 && { reason: reasons.join("; ") }),
          ...(remedies.length > 0 && { remedy: remedies.join("; ") }),
        };
      },
    };
  },
};

/** Logged once. */
const UNVERIFIED = {
  reason: "the kubelet's certificate is not verified",
  remedy: "set K8S_CA_PATH to the authority that signed it",
};

function isKnown(words: string | undefined): words is string {
  return words !== undefined;
}
