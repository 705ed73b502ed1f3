import { expect, test } from "bun:test";
import { IoError } from "../../../src/errors.ts";
import { createIo } from "../../../src/io/io.ts";
import { getSummary } from "../../../src/plugins/k8s/kubelet.ts";

test.each([
  ["untrusted", "K8S_CA_PATH"],
  ["bad-pem", "must be PEM files"],
  ["handshake", "K8S_CERT_PATH"],
  ["closed", "K8S_CERT_PATH"],
  ["refused", "K8S_STATS_SERVICE_IP"],
  ["other", "K8S_STATS_SERVICE_IP"],
] as const)("the remedy for a failure %s is chosen by its code, whatever its words", async (code, remedy) => {
  const getJson = () => Promise.reject(new IoError("GET", code, "Wörter, die niemand kennt"));
  const io = { ...createIo({ root: "/" }), getJson };
  const credentials = { tls: { verify: true }, headers: {} };
  const { signal } = new AbortController();
  const error = await getSummary("pi", 10250, credentials, io, signal).catch((error: unknown) => error);
  expect(error).toMatchObject({ name: "PluginError", remedy: expect.stringContaining(remedy) });
});
