import { type Identity, identify } from "./identity.ts";

/** The groups of a process, by controller and in v2, without the slash before them. */
export type ProcessCgroup = { v1: ReadonlyMap<string, string>; v2: string | undefined };

/**
 * /proc/<pid>/cgroup (cgroups(7)). Lines that are not `number:controllers:/path` are passed over: they serve explanations
 * only.
 *
 *     4:memory:/docker/3726184226f5d3147c25fdeab5b60097e378e8a720503a5e19ecfdf29f869860
 *     0::/system.slice/docker.service
 */
export function parseProcessCgroup(text: string): ProcessCgroup {
  const v1 = new Map<string, string>();
  let v2: string | undefined;
  for (const line of text.split("\n")) {
    const match = /^(\d+):([^:]*):\/(.*?)(?: \(deleted\))?$/.exec(line);
    if (match?.[3] === undefined) continue;
    if (match[1] === "0") v2 = match[3];
    else for (const controller of (match[2] ?? "").split(",")) v1.set(controller, match[3]);
  }
  return { v1, v2 };
}

/** The container, service or session that the process belongs to; it may be in a group of its own below it. */
export function identifyProcess({ v1, v2 }: ProcessCgroup): Identity | undefined {
  for (const path of [v2 ?? "", ...v1.values()]) {
    const segments = path.split("/");
    for (let length = segments.length; length > 0; length -= 1) {
      const identity = identify(segments.slice(0, length).join("/"));
      if (identity !== undefined) return identity;
    }
  }
  return undefined;
}
