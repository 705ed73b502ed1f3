import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json, startDockerEngine } from "../servers/docker-engine.ts";
import { createPki, startFakeKubelet } from "../servers/fake-kubelet.ts";
import { startRedis } from "../servers/redis-server.ts";
import type { CaptureJob } from "./plugins-child.ts";
import { makeFileGroups, makeKernelGroups } from "./plugins-groups.ts";

const FIXTURES = "test/fixtures";
const CONTAINERS = 10;
const QUEUES = 20;

/** What a plugin captures in the benchmark; `setting` describes it. */
export type Stage = {
  plugin: string;
  setting: string;
  job: Omit<CaptureJob, "plugin" | "captures">;
  [Symbol.asyncDispose](): Promise<void>;
};

/** A stage for each built-in plugin, on real devices and servers where possible. */
export const stages: Readonly<Record<string, () => Promise<Stage>>> = {
  host: async () => ({
    plugin: "host",
    setting: "this machine",
    job: { root: "/", env: {} },
    [Symbol.asyncDispose]: async () => {},
  }),

  rpi: async () => ({
    plugin: "rpi",
    setting: "files of a Compute Module 4",
    job: { root: `${FIXTURES}/rpi/cm4-emmc`, env: {} },
    [Symbol.asyncDispose]: async () => {},
  }),

  cgroups: () => groupsStage(20),

  docker: async () => {
    const engine = await startContainers();
    return {
      plugin: "docker",
      setting: `${CONTAINERS} containers`,
      job: { root: "/", env: { DOCKER_SOCKET_PATH: engine.socketPath } },
      [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
    };
  },

  k8s: async () => {
    const pki = createPki();
    const summary = JSON.parse(readFileSync(`${FIXTURES}/k8s/minikube-1.34/http/summary.json`, "utf8"));
    const kubelet = await startFakeKubelet(pki, { summary });
    const env = {
      K8S_STATS_SERVICE_IP: "127.0.0.1",
      K8S_STATS_SERVICE_PORT: String(kubelet.port),
      K8S_CERT_PATH: pki.path("client.crt"),
      K8S_KEY_PATH: pki.path("client.key"),
      K8S_CA_PATH: pki.path("ca.crt"),
    };
    return {
      plugin: "k8s",
      setting: `${summary.pods.length} pods, over TLS`,
      job: { root: "/", env },
      async [Symbol.asyncDispose]() {
        await kubelet[Symbol.asyncDispose]();
        pki[Symbol.dispose]();
      },
    };
  },

  dramatiq: async () => {
    const redis = await startRedis();
    for (let queue = 0; queue < QUEUES; queue += 1)
      await redis.cli("HSET", `dramatiq:queue-${queue}.msgs`, "first", "{}", "second", "{}");
    return {
      plugin: "dramatiq",
      setting: `${QUEUES} queues in Redis`,
      job: { root: "/", env: {}, redisUrl: redis.url },
      [Symbol.asyncDispose]: () => redis.stop(),
    };
  },

  tegrastats: async () => {
    const directory = mkdtempSync(join(tmpdir(), "chouette-bench-"));
    const path = join(directory, "tegrastats");
    copyFileSync(`${FIXTURES}/tegrastats-programs/on-demand`, path);
    execFileSync("mkfifo", [`${path}.lines`]);
    const [line = ""] = readFileSync(`${FIXTURES}/tegrastats-lines/orin-nx-1.txt`, "utf8").split("\n");
    return {
      plugin: "tegrastats",
      setting: "a line of an Orin NX",
      job: { root: "/", env: { TEGRASTATS_PATH: path }, program: { pipe: `${path}.lines`, line } },
      [Symbol.asyncDispose]: async () => rmSync(directory, { recursive: true }),
    };
  },
};

/** Makes `count` control groups with their own series: in the kernel where possible, unless `files` is set. */
export async function groupsStage(count: number, files = false): Promise<Stage> {
  const directory = mkdtempSync(join(tmpdir(), "chouette-bench-"));
  const groups = (files ? undefined : makeKernelGroups(count)) ?? makeFileGroups(count, directory);
  return {
    plugin: "cgroups",
    setting: `${count} groups, ${groups.kind}`,
    job: { root: groups.root, env: { CGROUP_INCLUDE: "chouette-bench-*", CGROUP_MAX: String(count) } },
    async [Symbol.asyncDispose]() {
      groups[Symbol.dispose]();
      rmSync(directory, { recursive: true });
    },
  };
}

/** Starts an engine that answers like Docker with containers. */
export function startContainers() {
  const stats = json(
    200,
    JSON.parse(readFileSync(`${FIXTURES}/docker/captures/http/stats-v2-ecs.json`, "utf8")),
  );
  const names = Array.from({ length: CONTAINERS }, (_, index) => `container-${index}`);
  return startDockerEngine({
    "/containers/json": json(
      200,
      names.map((name) => ({ Id: name, Names: [`/${name}`], State: "running" })),
    ),
    ...Object.fromEntries(names.map((name) => [`/containers/${name}/stats`, stats])),
  });
}
