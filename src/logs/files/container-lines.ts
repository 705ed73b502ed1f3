import { readFileSync } from "node:fs";
import type { Joiner } from "./multi-line.ts";
import { MAX_LINE, type RawLine } from "./split-lines.ts";

export type ContainerFormat = "docker" | "cri";

/** How a container's log is written, and the names that the plugins `docker` and `cgroups` give it. */
export type ContainerLog = { format: ContainerFormat; service: string | undefined; tags: readonly string[] };

/** `/var/lib/docker/containers/<id>/<id>-json.log`, wherever Docker's data are. */
const DOCKER = /\/containers\/([0-9a-f]{64})\/\1-json\.log$/;

/** `/var/log/pods/<namespace>_<pod>_<uid>/<container>/0.log`, https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/kuberuntime/helpers.go */
const POD = /\/pods\/([^/_]+)_([^/_]+)_[^/]+\/([^/]+)\/\d+\.log$/;

/** `/var/log/containers/<pod>_<namespace>_<container>-<id>.log`, links to the former. */
const LINK = /\/log\/containers\/([^/_]+)_([^/_]+)_([^/]+)-[0-9a-f]{64}\.log$/;

/** Podman's json-file is called k8s-file and written as CRI: `…/overlay-containers/<id>/userdata/ctr.log`. */
const PODMAN = /\/overlay-containers\/([0-9a-f]{64})\/userdata\/ctr\.log$/;

/** Returns how the log of a container is written and named; undefined for another file. `root` is HOST_ROOT. */
export function containerOf(path: string, root: string): ContainerLog | undefined {
  const docker = DOCKER.exec(path)?.[1];
  if (docker !== undefined) return named("docker", dockerName(`${root}${path}`) ?? docker.slice(0, 12));
  const podman = PODMAN.exec(path)?.[1];
  if (podman !== undefined) return named("cri", podman.slice(0, 12));
  const [, namespace, pod, container] = POD.exec(path) ?? swapped(LINK.exec(path)) ?? [];
  if (container === undefined) return undefined;
  const tags = [`container:${container}`, `namespace:${namespace}`, `pod_name:${pod}`];
  return { format: "cri", service: container, tags };
}

function named(format: ContainerFormat, name: string): ContainerLog {
  return { format, service: name, tags: [`container:${name}`] };
}

function swapped(match: RegExpExecArray | null): (string | undefined)[] | undefined {
  return match === null ? undefined : ["", match[2], match[1], match[3]];
}

/** The name in `config.v2.json` beside the log, `/web`; only root may read either. */
function dockerName(log: string): string | undefined {
  try {
    const config: unknown = JSON.parse(readFileSync(log.replace(/[^/]+$/, "config.v2.json"), "utf8"));
    const name = typeof config === "object" && config !== null && "Name" in config ? config.Name : undefined;
    return typeof name === "string" ? name.replace(/^\//, "") : undefined;
  } catch {
    return undefined;
  }
}

/** Unwraps the lines of a container runtime, and joins the pieces into which it cut long ones (16 kB). */
export function createContainerLines(format: ContainerFormat): Joiner {
  const unwrap = format === "docker" ? unwrapDocker : unwrapCri;
  let open: RawLine | undefined;
  return {
    take(lines) {
      const complete: RawLine[] = [];
      for (const line of lines) {
        const { text, partial, ...about } = unwrap(line.text);
        const joined: RawLine = {
          ...line,
          ...about,
          ...open,
          text: (open?.text ?? "") + text,
          end: line.end,
        };
        open = partial && joined.text.length < MAX_LINE ? joined : undefined;
        if (open === undefined) complete.push(joined);
      }
      return complete;
    },
    flush() {
      const rest = open === undefined ? [] : [open];
      open = undefined;
      return rest;
    },
    openAt: () => open?.start,
  };
}

type Unwrapped = { text: string; partial: boolean; at?: number; stream?: string };

/** `{"log":"text\n","stream":"stderr","time":"2026-01-02T03:04:05.678901234Z"}`; a piece has no newline at its end. */
function unwrapDocker(text: string): Unwrapped {
  try {
    const line: unknown = JSON.parse(text);
    if (typeof line !== "object" || line === null || !("log" in line) || typeof line.log !== "string")
      return { text, partial: false };
    const time = "time" in line && typeof line.time === "string" ? Date.parse(line.time) / 1000 : Number.NaN;
    const stream = "stream" in line && typeof line.stream === "string" ? { stream: line.stream } : {};
    const partial = !line.log.endsWith("\n");
    return {
      text: line.log.replace(/\r?\n$/, ""),
      partial,
      ...(Number.isFinite(time) && { at: time }),
      ...stream,
    };
  } catch {
    return { text, partial: false };
  }
}

/** `2026-01-02T03:04:05.678901234Z stdout F text`, with P for a piece: https://github.com/kubernetes/design-proposals-archive/blob/main/node/kubelet-cri-logging.md */
const CRI = /^(\S{20,35}) (stdout|stderr) ([FP])(?::\S+)? ?/;

function unwrapCri(text: string): Unwrapped {
  const [head, time = "", stream = "", tag] = CRI.exec(text) ?? [];
  if (head === undefined) return { text, partial: false };
  const at = Date.parse(time) / 1000;
  return { text: text.slice(head.length), partial: tag === "P", stream, ...(Number.isFinite(at) && { at }) };
}
