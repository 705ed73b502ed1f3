import { type LogName, parseContainerLogs, parsePodLogs } from "../../containers/log-names.ts";
import { parseDockerConfig, parsePodmanContainers } from "../../containers/runtime-files.ts";
import type { Io } from "../plugin.ts";
import type { Container } from "./identity.ts";

/** `container` is undefined where no readable file names it. */
export type ContainerName = Partial<LogName>;

const PODMAN_LIST = "/var/lib/containers/storage/overlay-containers/containers.json";

/** A pod's own container, which does nothing but keep its network: no person started it. */
export const SANDBOX = "sandbox";

export type ContainerNames = (
  containers: readonly Container[],
) => Promise<ReadonlyMap<string, ContainerName | typeof SANDBOX>>;

/**
 * Names containers by id from what the runtimes leave on the disk, without their sockets. A container is looked up once
 * and its name kept while it lives: Docker and Podman write theirs before they start it. Only the kubelet makes the log a
 * moment later, so a pod's container without one is looked up again. Files that may not be read count as absent.
 */
export function createContainerNames(io: Io): ContainerNames {
  let known: ReadonlyMap<string, ContainerName> = new Map();
  return async (containers) => {
    const lookUp = await openSources(
      io,
      containers.filter(({ id }) => !known.has(id)),
    );
    const names = new Map<string, ContainerName | typeof SANDBOX>();
    const final = new Map<string, ContainerName>();
    for (const container of containers) {
      const name = known.get(container.id) ?? (await lookUp(container));
      names.set(container.id, name);
      if (name !== SANDBOX && (container.podUid === undefined || name.container !== undefined))
        final.set(container.id, name);
    }
    known = final;
    return names;
  };
}

async function openSources(io: Io, unnamed: readonly Container[]) {
  const arePods = unnamed.some(({ podUid }) => podUid !== undefined);
  const logs = parseContainerLogs(arePods ? await listed(io, "/var/log/containers") : []);
  const pods = parsePodLogs(arePods ? await listed(io, "/var/log/pods") : []);
  const podman = parsePodmanContainers(
    unnamed.some(({ runtime }) => runtime === "podman") ? await readable(io, PODMAN_LIST) : undefined,
  );

  return async ({ id, runtime, podUid }: Container): Promise<ContainerName | typeof SANDBOX> => {
    if (runtime === "lxc") return { container: id };
    // The kubelet makes a log for every container it starts, and none for a pod's sandbox.
    if (podUid !== undefined)
      return logs.get(id) ?? (logs.size > 0 ? SANDBOX : (pods.get(podUid) ?? { pod: podUid }));
    const name =
      runtime === "podman"
        ? podman.get(id)
        : parseDockerConfig(await readable(io, `/var/lib/docker/containers/${id}/config.v2.json`));
    return name === undefined ? {} : { container: name };
  };
}

function readable(io: Io, path: string): Promise<string | undefined> {
  return io.readText(path).catch(() => undefined);
}

function listed(io: Io, path: string): Promise<string[]> {
  return io.list(path).catch(() => []);
}
