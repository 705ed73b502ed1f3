import { countMemory, kernelParameters } from "../kernel/parameters.ts";
import type { Io } from "../plugin.ts";
import type { Metric } from "./figures.ts";
import { type Group, shortId } from "./group.ts";
import { identifyProcess } from "./identity.ts";
import type { Measurement } from "./measure.ts";
import { parseProcCgroups } from "./proc-cgroups.ts";
import type { Sources } from "./sources.ts";

export type Explanation = { reason: string; remedy: string };

/** The input of a capture. `named` are all groups, `groups` the selected ones. */
export type Circumstances = {
  metrics: readonly Metric[];
  sources: Sources;
  named: readonly Group[];
  groups: readonly Group[];
  measurement: Measurement;
  /** Failures of search and measurement. */
  failures: readonly Error[];
};

type Check = (io: Io, circumstances: Circumstances) => Promise<Explanation | undefined>;

/** The first thing that keeps wanted points away, and what to type about it; undefined when nothing does. */
export async function explain(io: Io, circumstances: Circumstances): Promise<Explanation | undefined> {
  for (const check of CHECKS) {
    const explanation = await check(io, circumstances);
    if (explanation !== undefined) return explanation;
  }
  return undefined;
}

/** Ordered by how much they hide. */
const CHECKS: readonly Check[] = [
  unreadable,
  notMounted,
  nothingFound,
  noneAskedFor,
  memoryOff,
  noController,
  accountingOff,
  pressureOff,
  noUptime,
  noFigures,
];

async function unreadable(_io: Io, { failures }: Circumstances) {
  const [first] = failures;
  if (first === undefined) return undefined;
  const others = failures.length === 1 ? "" : ` (and ${failures.length - 1} more)`;
  return {
    reason: `control groups could not be read: ${first.message}${others}`,
    remedy: "See whether root may read it: sudo chouette test-plugins cgroups",
  };
}

async function notMounted(_io: Io, { sources }: Circumstances) {
  return Object.keys(sources).length > 0
    ? undefined
    : { reason: "no control groups are mounted", remedy: "sudo mount -t cgroup2 cgroup2 /sys/fs/cgroup" };
}

async function nothingFound(io: Io, { metrics, sources, named }: Circumstances) {
  const mount = metrics.map((metric) => sources[metric]?.mount).find((known) => known !== undefined);
  if (named.length > 0 || mount === undefined) return undefined;
  // Files that only the kernel's root group lacks (v2) or has (v1): without the root, this is a container's own view.
  const files = await io.list(mount);
  const isPart = files.includes("cgroup.controllers")
    ? files.includes("cgroup.type")
    : !files.includes("release_agent");
  if (!isPart)
    return {
      reason: `there are no containers, pods or services in ${mount}`,
      remedy: `See which groups there are: find ${mount} -type d`,
    };
  const id = await ownContainer(io);
  return {
    reason: `the agent runs in a container${id === undefined ? "" : ` (${id})`} and sees only its own control group`,
    remedy: "Give it the host's files: docker run -v /:/host:ro -e HOST_ROOT=/host …",
  };
}

/** The short id of the container that the agent itself runs in, if the kernel tells. */
async function ownContainer(io: Io): Promise<string | undefined> {
  const text = await io.readText("/proc/self/cgroup").catch(() => undefined);
  const identity = identifyProcess(text ?? "");
  return identity?.kind === "container" ? shortId(identity.id) : undefined;
}

async function noneAskedFor(_io: Io, { named, groups }: Circumstances) {
  return named.length === 0 || groups.length > 0
    ? undefined
    : {
        reason: "CGROUP_INCLUDE and CGROUP_EXCLUDE leave none of the control groups",
        remedy: "Change them. Users' sessions and services are taken only if CGROUP_INCLUDE matches them.",
      };
}

async function memoryOff(io: Io, { metrics, sources }: Circumstances) {
  const isWanted = metrics.some((metric) => ["memory", "limit", "oom"].includes(metric));
  if (!isWanted || sources.memory !== undefined) return undefined;
  const text = (await io.readText("/proc/cgroups").catch(() => undefined)) ?? "";
  return parseProcCgroups(text, "/proc/cgroups", () => {}).get("memory") === true
    ? {
        reason: "no memory: the kernel's memory controller is not mounted",
        remedy:
          "sudo mkdir -p /sys/fs/cgroup/memory && sudo mount -t cgroup -o memory cgroup /sys/fs/cgroup/memory",
      }
    : {
        reason:
          "no memory: the kernel's memory controller is switched off, as Raspberry Pi OS does by default",
        remedy: await countMemory(io),
      };
}

async function noController(_io: Io, { metrics, sources }: Circumstances) {
  const missing = metrics.find((metric) => metric !== "psi" && sources[metric] === undefined);
  return missing === undefined
    ? undefined
    : {
        reason: `this kernel offers no controller for ${missing}`,
        remedy: `Take "${missing}" out of CGROUP_METRICS.`,
      };
}

/** systemd's setting for the accounting of a metric; when it is off, services have no group with that controller. */
const ACCOUNTING = { memory: "Memory", cpu: "CPU", io: "IO", pids: "Tasks" } as const;

async function accountingOff(_io: Io, { metrics, sources, measurement }: Circumstances) {
  const services = measurement.measured.filter(({ group }) => group.identity.kind === "service");
  for (const [metric, name] of Object.entries(ACCOUNTING) as [keyof typeof ACCOUNTING, string][])
    if (
      metrics.includes(metric) &&
      sources[metric] !== undefined &&
      services.length > 0 &&
      services.every(({ figures }) => figures[metric] === undefined)
    )
      return {
        reason: `systemd does not count ${metric} per service`,
        remedy: `sudo mkdir -p /etc/systemd/system.conf.d && printf '[Manager]\\nDefault${name}Accounting=yes\\n' | sudo tee /etc/systemd/system.conf.d/${metric}-accounting.conf && sudo reboot`,
      };
  return undefined;
}

async function pressureOff(io: Io, { metrics, sources, measurement: { measured } }: Circumstances) {
  if (!metrics.includes("psi") || measured.some(({ figures }) => figures.psi !== undefined)) return undefined;
  return sources.psi === undefined
    ? {
        reason: "no pressure (psi): only cgroup v2 has it, and it is not mounted",
        remedy: await kernelParameters(io, "systemd.unified_cgroup_hierarchy=1"),
      }
    : {
        reason: "no pressure (psi): the kernel does not count pressure",
        remedy: await kernelParameters(io, "psi=1"),
      };
}

async function noUptime(_io: Io, { metrics, measurement: { uptime } }: Circumstances) {
  return uptime !== undefined || !metrics.includes("cpu")
    ? undefined
    : {
        reason: "no CPU: /proc/uptime cannot be read",
        remedy: "Take ProcSubset=pid out of the agent's systemd unit.",
      };
}

async function noFigures(_io: Io, { metrics, measurement: { measured } }: Circumstances) {
  return measured.length > 0
    ? undefined
    : {
        reason: `no control group has a figure for ${metrics.join(", ")}`,
        remedy: 'Ask for more: CGROUP_METRICS=["memory","cpu"]',
      };
}
