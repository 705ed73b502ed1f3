import { type Mount, parseMountinfo } from "../kernel/mountinfo.ts";
import { readOfProcess1 } from "../kernel/process-1.ts";
import type { Skip } from "../kernel/skipped-lines.ts";
import type { DiskUsage, Io } from "../plugin.ts";
import { realMounts } from "./real-mounts.ts";
import { requiredText } from "./required-text.ts";

export type Filesystems = {
  /** One per filesystem; `device` is what is mounted: `/dev/mmcblk0p2` or `server:/export`. */
  usages: { device: string; usage: DiskUsage }[];
  /** A sentence for each that gave no size. */
  silent: string[];
};

/**
 * Asks every real filesystem for its size. Disks are asked all at once. Shares are asked one after the other, and none after
 * one that does not answer: each such call holds one of the few threads that all reading of files needs (see io/disk-usage.ts).
 */
export async function readFilesystems(io: Io, otherRoot: boolean, skip: Skip): Promise<Filesystems> {
  const { local, network } = realMounts(await readMounts(io, otherRoot, skip));
  const usages = await Promise.all(local.map((mount) => io.diskUsage(mount.point)));
  const found: Filesystems = { usages: [], silent: [] };
  const note = (mount: Mount, usage: DiskUsage | undefined, otherwise: string) => {
    if (usage === undefined) found.silent.push(`${mount.point} (${mount.type}) ${otherwise}`);
    else found.usages.push({ device: mount.source, usage });
  };

  for (const [index, mount] of local.entries()) note(mount, usages[index], "cannot be seen by the agent");
  for (const [index, mount] of network.entries()) {
    const usage = await io.diskUsage(mount.point);
    note(mount, usage, "does not answer");
    if (usage !== undefined) continue;
    for (const later of network.slice(index + 1)) note(later, undefined, "is not asked meanwhile");
    break;
  }
  return found;
}

/**
 * The mounts that the agent sees; those of process 1 where its root is another than ours, for then we are in a container and
 * look at the host through HOST_ROOT. Process 1 alone would be wrong under systemd, where a unit can have mounts of its own.
 */
async function readMounts(io: Io, otherRoot: boolean, skip: Skip): Promise<Mount[]> {
  const ownText = await requiredText(io, "/proc/self/mountinfo");
  const hostText = await readOfProcess1(io, "mountinfo", otherRoot);
  if (hostText !== undefined && rootOf(hostText) !== rootOf(ownText))
    return parseMountinfo(hostText, "/proc/1/mountinfo", skip);
  return parseMountinfo(ownText, "/proc/self/mountinfo", skip);
}

function rootOf(mountinfo: string): string | undefined {
  const mounts = parseMountinfo(mountinfo, "", () => {});
  const root = mounts.findLast((mount) => mount.point === "/");
  return root && `${root.device} ${root.root}`;
}
