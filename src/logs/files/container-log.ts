import { readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { type LogName, parseContainerLogs, parsePodLogs } from "../../containers/log-names.ts";
import { parseDockerConfig, parsePodmanContainers } from "../../containers/runtime-files.ts";

export type ContainerFormat = "docker" | "cri";

/** How a container's log is written, and the names that the plugins `docker` and `cgroups` give it. */
export type ContainerLog = { format: ContainerFormat; service: string; tags: readonly string[] };

/** `/var/lib/docker/containers/<id>/<id>-json.log`, wherever Docker's data are. */
const DOCKER = /\/containers\/([0-9a-f]{64})\/\1-json\.log$/;

/** Podman's json-file is called k8s-file and written as CRI: `…/overlay-containers/<id>/userdata/ctr.log`. */
const PODMAN = /^(.*\/[a-z]+-containers)\/([0-9a-f]{64})\/userdata\/ctr\.log$/;

/** `/var/log/pods/<namespace>_<pod>_<uid>/<container>/0.log`, https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/kuberuntime/helpers.go */
const POD = /\/pods\/([^/]+)\/([^/]+)\/\d+\.log$/;

/** Returns how the log of a container is written and named; undefined for another file. `root` is HOST_ROOT. */
export function containerOf(path: string, root: string): ContainerLog | undefined {
  const docker = DOCKER.exec(path)?.[1];
  if (docker !== undefined) {
    const config = readable(`${root}${dirname(path)}/config.v2.json`);
    return named("docker", parseDockerConfig(config) ?? shortId(docker));
  }
  const [, containers, podman = ""] = PODMAN.exec(path) ?? [];
  if (containers !== undefined) {
    const list = parsePodmanContainers(readable(`${root}${containers}/containers.json`));
    return named("cri", list.get(podman) ?? shortId(podman));
  }
  const pod = podOf(path);
  if (pod === undefined) return undefined;
  const tags = [`container:${pod.container}`, `namespace:${pod.namespace}`, `pod:${pod.pod}`];
  return { format: "cri", service: pod.container, tags };
}

const shortId = (id: string) => id.slice(0, 12);

function named(format: ContainerFormat, name: string): ContainerLog {
  return { format, service: name, tags: [`container:${name}`] };
}

/** The kubelet's links in /var/log/containers, and where they lead. */
function podOf(path: string): LogName | undefined {
  const [link] = parseContainerLogs([basename(path)]).values();
  const [, directory = "", container] = POD.exec(path) ?? [];
  const [pod] = parsePodLogs([directory]).values();
  return link ?? (pod === undefined || container === undefined ? undefined : { ...pod, container });
}

/** The text of a runtime's file, which only root may read; undefined where there is none. */
function readable(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
