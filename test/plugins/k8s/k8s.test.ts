import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import {
  createPki,
  type FakeKubelet,
  type KubeletOptions,
  startFakeKubelet,
} from "../../../scripts/servers/fake-kubelet.ts";
import { type Env, readVariables } from "../../../src/config/variable.ts";
import { PluginError } from "../../../src/errors.ts";
import { createIo } from "../../../src/io/io.ts";
import { k8s } from "../../../src/plugins/k8s/k8s.ts";
import { settings } from "../../helpers/plugin-settings.ts";

/** Against a kubelet over real TLS, through the real Io; what the figures mean is in test/fixtures/k8s. */
const pki = createPki();
afterAll(() => pki[Symbol.dispose]());

const TOKEN = "eyJhbGciOi.known.token";
const POWERLESS = "eyJhbGciOi.powerless.token";
writeFileSync(pki.path("token"), `${TOKEN}\n`);
writeFileSync(pki.path("powerless"), POWERLESS);
writeFileSync(pki.path("unknown"), "eyJhbGciOi.unknown.token");
writeFileSync(pki.path("nonsense.pem"), "nonsense\n");

const CLIENT = { K8S_CERT_PATH: pki.path("client.crt"), K8S_KEY_PATH: pki.path("client.key") };
const CA = { K8S_CA_PATH: pki.path("ca.crt") };
const POINTS = [
  { metric: "Chouette.k8s.node.fs.inodesFree", value: 7, tags: ["node_name:pi"] },
  { metric: "Chouette.k8s.pods.running", value: 0, tags: [] },
].map((point) => ({ ...point, timestamp: 1_700_000_000, type: "gauge" as const }));

describe("the kubelet accepts", () => {
  test.each<[string, Env, object]>([
    ["a client certificate, the kubelet verified", { ...CLIENT, ...CA }, {}],
    [
      "a client certificate, the kubelet unverified for want of an authority",
      CLIENT,
      {
        reason: "the kubelet's certificate is not verified",
        remedy: "set K8S_CA_PATH to the authority that signed it",
      },
    ],
    ["a client certificate, unverified by decision", { ...CLIENT, K8S_INSECURE_TLS: "true" }, {}],
    [
      "unverified by decision although there is an authority",
      { ...CLIENT, K8S_CA_PATH: pki.path("rogue.crt"), K8S_INSECURE_TLS: "yes" },
      {},
    ],
    ["a token, the kubelet verified", { K8S_TOKEN_PATH: pki.path("token"), ...CA }, {}],
    ["a token, unverified by decision", { K8S_TOKEN_PATH: pki.path("token"), K8S_INSECURE_TLS: "true" }, {}],
    ["a host name", { ...CLIENT, ...CA, K8S_STATS_SERVICE_IP: "localhost" }, {}],
  ])("%s", async (_case, env, rest) => {
    await using kubelet = await start();
    expect(await collect(kubelet, env)).toEqual({ points: POINTS, ...rest });
    expect(kubelet.requests).toEqual(["GET /stats/summary"]);
  });
});

describe("the kubelet refuses, with the remedy for", () => {
  test.each<[string, Env, string, string]>([
    [
      "an outsider's certificate",
      { ...CA, K8S_CERT_PATH: pki.path("outsider.crt"), K8S_KEY_PATH: pki.path("outsider.key") },
      "does not know us (status 401)",
      "set K8S_CERT_PATH and K8S_KEY_PATH",
    ],
    ["nobody", CA, "does not know us (status 401)", "set K8S_CERT_PATH and K8S_KEY_PATH"],
    [
      "an unknown token",
      { ...CA, K8S_TOKEN_PATH: pki.path("unknown") },
      "does not know us (status 401)",
      "kubectl create token",
    ],
    [
      "a token without the right",
      { ...CA, K8S_TOKEN_PATH: pki.path("powerless") },
      "(status 403)",
      "--resource=nodes/stats",
    ],
    [
      "another authority",
      { ...CLIENT, K8S_CA_PATH: pki.path("rogue.crt") },
      "its certificate is signed by an unknown authority",
      "set K8S_CA_PATH",
    ],
    [
      "no authority, and verification demanded",
      { ...CLIENT, K8S_INSECURE_TLS: "false" },
      "its certificate is signed by an unknown authority",
      "set K8S_CA_PATH",
    ],
    [
      "a key of another certificate",
      { ...CA, ...CLIENT, K8S_KEY_PATH: pki.path("outsider.key") },
      "key",
      "the key that of the certificate",
    ],
    [
      "a certificate that is none",
      { ...CA, ...CLIENT, K8S_CERT_PATH: pki.path("nonsense.pem") },
      "PEM",
      "must be PEM files",
    ],
    [
      "an authority that is none",
      { ...CLIENT, K8S_CA_PATH: pki.path("nonsense.pem") },
      "CA",
      "must be PEM files",
    ],
  ])("%s", async (_case, env, reason, remedy) => {
    await using kubelet = await start();
    const error = await failure(collect(kubelet, env));
    expect(error.message.toLowerCase()).toContain(reason.toLowerCase());
    expect(error.remedy).toContain(remedy);
    expect(`${error.message} ${error.remedy}`).not.toMatch(/eyJhbGciOi|PRIVATE KEY/);
  });

  test("a kubelet that aborts the handshake with unknown clients", async () => {
    await using kubelet = await start({ strict: true });
    expect((await failure(collect(kubelet, CA))).remedy).toContain("set K8S_CERT_PATH and K8S_KEY_PATH");
    expect(kubelet.requests).toEqual([]);
  });

  test("a token is not sent to an unverified kubelet", async () => {
    await using kubelet = await start();
    const error = await failure(collect(kubelet, { K8S_TOKEN_PATH: pki.path("token") }));
    expect(error.message).toContain("token is not sent");
    expect(kubelet.requests).toEqual([]);
  });

  test("nothing listens there", async () => {
    const kubelet = await start();
    await kubelet[Symbol.asyncDispose]();
    expect(await failure(collect(kubelet, { ...CLIENT, ...CA }))).toMatchObject({
      message: `cannot get https://127.0.0.1:${kubelet.port}/stats/summary: connection refused, nothing listens there`,
      remedy: "check K8S_STATS_SERVICE_IP (the node's address) and K8S_STATS_SERVICE_PORT (10250)",
    });
  });

  test("the deadline", async () => {
    await using kubelet = await start();
    expect((await failure(collect(kubelet, { ...CLIENT, ...CA }, AbortSignal.abort()))).message).toBe(
      `cannot get https://127.0.0.1:${kubelet.port}/stats/summary: no answer in time`,
    );
  });
});

/** Files of the host and of the pod alike are below a folder here. */
describe("the authority that is mounted into a pod", () => {
  const folder = "var/run/secrets/kubernetes.io/serviceaccount";
  const mount = (authority: string) => {
    mkdirSync(pki.path(folder), { recursive: true });
    writeFileSync(pki.path(`${folder}/ca.crt`), pki.read(authority));
  };
  const certificate = { K8S_CERT_PATH: "/client.crt", K8S_KEY_PATH: "/client.key" };
  const token = { K8S_TOKEN_PATH: "/token" };

  test.each<[string, Env]>([
    ["a client certificate", certificate],
    ["a token", token],
  ])("verifies the kubelet for %s", async (_case, env) => {
    mount("ca.crt");
    await using kubelet = await start();
    expect(await collect(kubelet, env, never, pki.path(""))).toEqual({ points: POINTS });
    mount("rogue.crt");
    expect((await failure(collect(kubelet, env, never, pki.path("")))).message).toContain(
      "its certificate is signed by an unknown authority",
    );
  });

  test.each<[string, Env]>([
    ["K8S_CA_PATH", { ...certificate, K8S_CA_PATH: "/ca.crt" }],
    ["K8S_INSECURE_TLS", { ...certificate, K8S_INSECURE_TLS: "true" }],
  ])("is overridden by %s", async (_case, env) => {
    mount("rogue.crt");
    await using kubelet = await start();
    expect(await collect(kubelet, env, never, pki.path(""))).toEqual({ points: POINTS });
  });
});

test("files are read for every capture, so that a replaced token is sent", async () => {
  await using kubelet = await start({ token: "second.token" });
  const path = pki.path("rotating");
  writeFileSync(path, "first.token");
  const collector = create(kubelet, { ...CA, K8S_TOKEN_PATH: path });
  expect((await failure(collector.collect(AT, never))).message).toContain("(status 401)");
  writeFileSync(path, "second.token");
  expect(await collector.collect(AT, never)).toEqual({ points: POINTS });
});

const AT = 1_700_000_000.25;
const never = new AbortController().signal;

function start(options: Partial<KubeletOptions> = {}): Promise<FakeKubelet> {
  const summary = { node: { nodeName: "pi", fs: { inodesFree: 7 } }, pods: [] };
  return startFakeKubelet(pki, { summary, token: TOKEN, powerlessToken: POWERLESS, ...options });
}

function create({ port }: FakeKubelet, env: Env, root = "/") {
  const address = { K8S_STATS_SERVICE_IP: "127.0.0.1", K8S_STATS_SERVICE_PORT: String(port) };
  const { values, issues } = readVariables(k8s.variables, { ...address, ...env });
  expect(issues).toEqual([]);
  return k8s.create(values, createIo({ root }), settings);
}

function collect(kubelet: FakeKubelet, env: Env, signal = never, root = "/") {
  return create(kubelet, env, root).collect(AT, signal);
}

async function failure(capture: Promise<unknown>): Promise<PluginError> {
  const error = await capture.then(
    () => new Error("it did not fail"),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(PluginError);
  return error as PluginError;
}
