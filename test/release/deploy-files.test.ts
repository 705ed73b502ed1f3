import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { YAML } from "bun";
import { version } from "../../package.json";
import { type Config, coreVariables, loadConfig } from "../../src/config/config.ts";
import type { Variable, Variables } from "../../src/config/variable.ts";
import { parseRedisUrl } from "../../src/redis/address.ts";
import { builtInPlugins } from "../../src/start/built-in-plugins.ts";

const read = (name: string) => readFileSync(join(import.meta.dir, "../../scripts/deploy", name), "utf8");
const dockerfile = read("Dockerfile");
const { services } = YAML.parse(read("docker-compose.yml")) as Compose;
const [, , clusterRole, , daemonSet] = YAML.parse(read("kubernetes.yaml")) as Manifests;
const pod = daemonSet.spec.template.spec;
const [container] = pod.containers;

type Texts = Record<string, string>;
type Compose = {
  services: {
    redis: object;
    chouette: { environment: Texts; volumes: [KeyMount, ...string[]]; build: object };
  };
};
type KeyMount = { type: string; source: string; target: string };
type Manifests = [unknown, unknown, { rules: unknown }, unknown, { spec: { template: { spec: Pod } } }];
type Pod = {
  securityContext: Record<string, unknown>;
  initContainers: [{ image: string; command: string[] }];
  containers: [
    {
      image: string;
      livenessProbe: { exec: { command: string[] } };
      env: EnvVar[];
      volumeMounts: { name: string; mountPath: string }[];
    },
  ];
  volumes: { name: string; hostPath?: { path: string } }[];
};
type EnvVar = { name: string; value?: string; valueFrom?: { fieldRef: { fieldPath: string } } };

/** What Kubernetes and docker compose put in. */
const FIELDS: Texts = { "spec.nodeName": "node-1", "status.hostIP": "192.168.1.7" };

const ofImage = Object.fromEntries(
  [...dockerfile.matchAll(/^ENV (.*)$/gm)]
    .flatMap(([, line = ""]) => line.split(" "))
    .map((pair) => pair.split("=", 2) as [string, string]),
);
const ofCompose = { ...services.chouette.environment, HOST: "attic" };
const ofKubernetes = Object.fromEntries(
  container.env.map(({ name, value, valueFrom }) => [
    name,
    value ?? FIELDS[valueFrom?.fieldRef.fieldPath ?? ""] ?? "",
  ]),
);

/** What the agent makes of it, where the key lies in this file. */
function configOf(environment: Texts, keyFile: string): Config {
  const readText = (path: string) => (path === keyFile ? "0123456789abcdef\n" : missing(path));
  const pluginVariables = Object.fromEntries(
    Object.entries(builtInPlugins).map(([name, { variables }]) => [name, variables as Variables]),
  );
  const sources = { hostname: "container-id", home: undefined, readText, readCertificates: () => [] };
  return loadConfig(environment, sources, { pluginVariables, requireApiKey: true });
}

function missing(path: string): never {
  throw Object.assign(new Error(path), { code: "ENOENT" });
}

test.each(Object.entries({ ofImage, ofCompose, ofKubernetes }))(
  "%s has only variables that are read",
  (_, env) => {
    const tables = [coreVariables, ...Object.values(builtInPlugins).map(({ variables }) => variables)];
    const known = tables.flatMap((table) => Object.values<Variable>(table).flatMap(({ names }) => names));
    expect(Object.keys(env).filter((name) => ![...known, "PATH"].includes(name))).toEqual([]);
  },
);

describe("the image", () => {
  test("on its own uses the Redis that the Python agent uses by default", () => {
    expect(configOf({ ...ofImage, API_KEY: "0123456789abcdef" }, "").storage).toEqual({
      type: "redis",
      address: parseRedisUrl("redis://redis:6379"),
      named: undefined,
      userRuntime: undefined,
      maxRecords: 1_000_000,
    });
  });

  test("its state is in a volume that belongs to its user", () => {
    const [, user] = /^USER (\d+):\1$/m.exec(dockerfile) ?? [];
    expect(user).toBe("65532");
    expect(dockerfile).toContain(`install -d -o ${user} -g ${user} /image${ofImage.CHOUETTE_STATE_DIR}\n`);
    expect(dockerfile).toContain(`\nVOLUME ${ofImage.CHOUETTE_STATE_DIR}\n`);
  });
});

describe("docker-compose.yml", () => {
  const [key, ...volumes] = services.chouette.volumes;
  const config = configOf({ ...ofImage, ...ofCompose }, key.target);

  test("gives the agent its key, a name, and Redis", () => {
    expect(config).toMatchObject({
      apiKey: "0123456789abcdef",
      host: "attic",
      storage: { type: "redis", address: parseRedisUrl("redis://redis:6379") },
    });
    expect(Object.keys(services)).toEqual(["redis", "chouette"]);
    expect(key).toMatchObject({ type: "bind", source: "./api_key" });
  });

  test("mounts what its plugins read", () => {
    expect(config.plugins.chosen).toMatchObject([{ name: "host" }, { name: "docker" }]);
    expect(volumes).toEqual([`/:${config.hostRoot}:ro,rslave`, "/var/run/docker.sock:/var/run/docker.sock"]);
  });
});

describe("kubernetes.yaml", () => {
  const mounts = Object.fromEntries(container.volumeMounts.map(({ name, mountPath }) => [name, mountPath]));
  const config = configOf({ ...ofImage, ...ofKubernetes }, `${mounts["api-key"]}/api_key`);

  test("gives the agent its key, the node's name, and a database on the node's disk", () => {
    expect(config).toMatchObject({
      apiKey: "0123456789abcdef",
      host: "node-1",
      storage: { type: "sqlite", directory: mounts.state },
    });
    expect(pod.initContainers[0].image).toMatch(/@sha256:[0-9a-f]{64}$/);
    expect(pod.initContainers[0].command).toEqual([
      "chown",
      "65532:65532",
      mounts.state ?? "",
      mounts.runtime ?? "",
    ]);
    expect(config.storage).toMatchObject({ named: mounts.runtime });
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 65532, fsGroup: 65532 });
  });

  test("gives its plugins the node's files and the kubelet's figures, and no other permission", () => {
    expect(config.plugins.chosen).toMatchObject([{ name: "host" }, { name: "k8s" }]);
    expect([mounts.proc, mounts.sys]).toEqual([`${config.hostRoot}/proc`, `${config.hostRoot}/sys`]);
    expect(config.plugins.values.host).toEqual({ metrics: ["cpu", "la", "ram"] });
    const paths = pod.volumes.flatMap(({ hostPath }) => hostPath?.path ?? []);
    expect(paths.sort()).toEqual(["/proc", "/run/chouette", "/sys", "/var/lib/chouette"]);
    expect(config.plugins.values.k8s).toMatchObject({ host: "192.168.1.7", port: 10250 });
    expect(clusterRole.rules).toEqual([{ apiGroups: [""], resources: ["nodes/stats"], verbs: ["get"] }]);
  });

  test("asks the agent for its health, as the image does", () => {
    const { command } = container.livenessProbe.exec;
    expect(command).toEqual(["chouette", "inspect-queue", "--health"]);
    expect(dockerfile).toContain(` CMD ${JSON.stringify(command).replaceAll(",", ", ")}\n`);
  });

  test("names the image of this version", () => {
    expect(container.image).toEndWith(`/chouette:${version}`);
  });
});
