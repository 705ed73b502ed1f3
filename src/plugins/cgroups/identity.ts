/** A group's kind and name for people. */
export type Identity = Container | Service | Session;

export type Runtime = "docker" | "containerd" | "cri-o" | "podman" | "ecs" | "lxc" | "unknown";

export type Container = {
  kind: "container";
  /** For LXC the name that its owner chose. */
  id: string;
  runtime: Runtime;
  /** With dashes, as the API server writes it; of a static pod the hash of its manifest. */
  podUid: string | undefined;
  /** The number of the user below whose slice it is. */
  user: string | undefined;
};

/** `user` is the number of the user whose service it is; undefined for services of the system. */
export type Service = { kind: "service"; unit: string; user: string | undefined };

export type Session = { kind: "session"; unit: string; user: string | undefined };

const ID = "[0-9a-f]{64}";
const BARE_ID = new RegExp(`^${ID}$`);

/** Names with which a runtime says that it is a container. Not their monitors, `libpod-conmon-<id>.scope`. */
const CONTAINER_NAMES: readonly [RegExp, Runtime][] = [
  [new RegExp(`^docker-(${ID})\\.scope$`), "docker"],
  [new RegExp(`^(?:cri-containerd|nerdctl)-(${ID})\\.scope$`), "containerd"],
  [new RegExp(`^crio-(${ID})(?:\\.scope)?$`), "cri-o"],
  // Of a quadlet, `web.service/libpod-payload-<id>`.
  [new RegExp(`^libpod-(?:payload-)?(${ID})(?:\\.scope)?$`), "podman"],
  // The kubelet speaks to systemd and containerd does not: `kubepods-pod….slice:cri-containerd:<id>` is one directory.
  [new RegExp(`:cri-containerd:(${ID})$`), "containerd"],
  [new RegExp(`:docker:(${ID})$`), "docker"],
  [/^lxc\.payload\.(.+)$/, "lxc"],
];

/** Directories below which a container is named by its bare id. */
const PARENTS: ReadonlyMap<string, Runtime> = new Map([
  ["docker", "docker"],
  ["ecs", "ecs"],
  ["k8s.io", "containerd"],
  ["default", "containerd"],
]);

/**
 * Names the group at a path such as `system.slice/ssh.service` or `docker/<64 hex digits>`; undefined for the groups
 * that only hold others (slices, pods, `user@1000.service`) and for those of which nothing is known.
 */
export function identify(path: string): Identity | undefined {
  const segments = path.split("/");
  const name = segments.at(-1) ?? "";
  const parents = segments.slice(0, -1);
  return containerOf(name, parents) ?? unitOf(name, parents);
}

/** Every name of a container has an id, but those of LXC. */
const MAY_BE_CONTAINER = /[0-9a-f]{32}|^lxc\.payload\./;

function containerOf(name: string, parents: readonly string[]): Container | undefined {
  const isBelowLxc = /^lxc(?:\.payload)?$/.test(parents.at(-1) ?? "");
  if (!isBelowLxc && !MAY_BE_CONTAINER.test(name)) return undefined;
  const podUid = [name, ...parents.toReversed()].map(podUidOf).find((uid) => uid !== undefined);
  const container = (id: string, runtime: Runtime): Container => ({
    kind: "container",
    id,
    runtime,
    podUid,
    user: userOf(parents),
  });
  for (const [pattern, runtime] of CONTAINER_NAMES) {
    const id = pattern.exec(name)?.[1];
    if (id !== undefined) return container(id, runtime);
  }
  if (isBelowLxc) return container(name, "lxc");
  // Below libpod_parent bare ids are pods; the containers in them are called libpod-<id>.
  if (parents.includes("libpod_parent")) return undefined;
  const runtime = parents.map((parent) => PARENTS.get(parent)).findLast((known) => known !== undefined);
  const isId = BARE_ID.test(name) || (runtime === "ecs" && /^[0-9a-f]{32}-\d+$/.test(name));
  return isId ? container(name, runtime ?? "unknown") : undefined;
}

/** `pod<uid>`, `kubepods-burstable-pod<uid with _ for ->.slice`, or such a slice as the first part of a name with colons. */
function podUidOf(name: string): string | undefined {
  const uid = /(?:^|-)pod([0-9a-f]{8}(?:[_-][0-9a-f]{4}){3}[_-][0-9a-f]{12}|[0-9a-f]{32})(?:\.slice)?(?:$|:)/;
  return uid.exec(name)?.[1]?.replaceAll("_", "-");
}

function unitOf(name: string, parents: readonly string[]): Service | Session | undefined {
  const user = userOf(parents);
  // systemd puts a `_` before names that could be taken for a file of the kernel, `_cpu.service`.
  const unit = name.replace(/^_/, "");
  if (/^session-.+\.scope$/.test(unit)) return { kind: "session", unit, user };
  return unit.endsWith(".service") && !/^user@\d+\.service$/.test(unit)
    ? { kind: "service", unit, user }
    : undefined;
}

function userOf(parents: readonly string[]): string | undefined {
  return parents.map((parent) => /^user-(\d+)\.slice$/.exec(parent)?.[1]).find((uid) => uid !== undefined);
}

/**
 * Names the group of a process from its /proc/<pid>/cgroup (cgroups(7)), v2 first; the process may be in a group of its own below
 * the container, service or session. Lines that are not `number:controllers:/path` are passed over: this serves explanations only.
 *
 *     4:memory:/docker/3726184226f5d3147c25fdeab5b60097e378e8a720503a5e19ecfdf29f869860
 *     0::/system.slice/docker.service
 */
export function identifyProcess(procCgroup: string): Identity | undefined {
  const paths = [...procCgroup.matchAll(/^(\d+):[^:\n]*:\/(.*?)(?: \(deleted\))?$/gm)];
  const v2First = paths.sort(([, a], [, b]) => Number(b === "0") - Number(a === "0"));
  return v2First.flatMap(([, , path = ""]) => identifyNearest(path) ?? [])[0];
}

function identifyNearest(path: string): Identity | undefined {
  const segments = path.split("/");
  const paths = segments.map((_, index) => segments.slice(0, segments.length - index).join("/"));
  return paths.map(identify).find((identity) => identity !== undefined);
}
