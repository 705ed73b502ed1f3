import { IoError, type IoFailure, PluginError } from "../../errors.ts";
import type { Io } from "../plugin.ts";
import type { Credentials } from "./credentials.ts";
import { parseStatsSummary, type Summary } from "./stats-summary.ts";

/**
 * Asks the kubelet on `host` (name, IPv4 or IPv6 address) for its summary of the node and its pods.
 * Rejects with PluginError: which kubelet, why, and which variable or permission fixes it.
 */
export async function getSummary(
  host: string,
  port: number,
  credentials: Credentials,
  io: Io,
  signal: AbortSignal,
): Promise<Summary> {
  const name = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const request = { url: `https://${name}/stats/summary`, ...credentials };
  const { status, body } = await io.getJson(request, signal).catch((error: unknown) => {
    const said = error instanceof Error ? error.message : String(error);
    throw new PluginError(said, REMEDIES[error instanceof IoError ? error.code : "other"] ?? ADDRESS);
  });
  if (status === 401)
    throw new PluginError(`the kubelet at ${name} does not know us (status 401)`, WHO_WE_ARE);
  if (status === 403)
    throw new PluginError(
      `the kubelet at ${name} does not let us read its figures (status 403)`,
      RIGHT_TO_READ,
    );
  const summary = status === 200 ? parseStatsSummary(body) : undefined;
  if (summary === undefined)
    throw new PluginError(`${name} does not answer like a kubelet (status ${status})`, ADDRESS);
  return summary;
}

const WHO_WE_ARE =
  "set K8S_CERT_PATH and K8S_KEY_PATH to a client certificate of the cluster's authority, or K8S_TOKEN_PATH to a token (kubectl create token chouette)";
const RIGHT_TO_READ =
  "kubectl create clusterrole chouette --verb=get --resource=nodes/stats && kubectl create clusterrolebinding chouette --clusterrole=chouette --serviceaccount=default:chouette";
const ADDRESS = "check K8S_STATS_SERVICE_IP (the node's address) and K8S_STATS_SERVICE_PORT (10250)";

const REMEDIES: Readonly<Partial<Record<IoFailure, string>>> = {
  untrusted:
    "set K8S_CA_PATH to the authority that signed the kubelet's certificate, or K8S_INSECURE_TLS=true",
  "bad-pem": "K8S_CERT_PATH, K8S_KEY_PATH and K8S_CA_PATH must be PEM files, the key that of the certificate",
  handshake: WHO_WE_ARE,
  closed: WHO_WE_ARE,
};
