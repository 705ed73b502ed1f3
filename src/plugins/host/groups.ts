import type { Point } from "../../model.ts";
import type { Capture } from "../plugin.ts";
import type { Filesystems } from "./filesystems.ts";
import * as shape from "./points.ts";
import type { Readings } from "./readings.ts";

/** Captures one group of metrics. A rejection does not affect the other groups. */
type Group = (readings: Readings, at: number) => Promise<Capture>;

export const groups = {
  cpu: async ({ cpu }, at) =>
    orReason(shape.cpuPoints(await cpu(), at), "the kernel's counters have not moved, or went back"),
  fs: async ({ filesystems }, at) => {
    const found = await filesystems();
    return withSilent(shape.filesystemPoints(found, at), found, elsewhere("findmnt"));
  },
  la: async ({ loadavg }, at) => ({ points: shape.loadPoints((await loadavg())?.one, "1m", at) }),
  ram: async ({ memory }, at) => ({ points: shape.memoryPoints(await memory(), at) }),
  network: async ({ interfaces }, at) => {
    const found = await interfaces();
    if (found.length === 0) return NO_INTERFACE;
    return { points: shape.networkPoints(found, at) };
  },

  swap: async ({ meminfo }, at) => ({ points: shape.swapPoints(await meminfo(), at) }),
  disk_io: async ({ disks }, at) => {
    const found = await disks();
    if (found.length === 0)
      return { points: [], reason: "there is no disk in /sys/block", remedy: elsewhere("lsblk") };
    return { points: shape.diskPoints(found, at) };
  },
  uptime: async ({ uptime }, at) => ({ points: shape.uptimePoints(await uptime(), at) }),
  la5: async ({ loadavg }, at) => ({ points: shape.loadPoints((await loadavg())?.five, "5m", at) }),
  la15: async ({ loadavg }, at) => ({ points: shape.loadPoints((await loadavg())?.fifteen, "15m", at) }),
  cpu_cores: async ({ cpu }, at) =>
    orReason(shape.cpuCorePoints(await cpu(), at), "the kernel's counters have not moved, or went back"),
  temperature: async ({ temperatures }, at) =>
    orReason(
      shape.temperaturePoints(await temperatures(), at),
      "no thermometer below /sys/class/thermal and /sys/class/hwmon gives a temperature",
      "On a PC, look for their driver: sudo apt install lm-sensors && sudo sensors-detect. A virtual machine has none.",
    ),
  inodes: async ({ filesystems }, at) => {
    const found = await filesystems();
    return withSilent(shape.inodePoints(found, at), found, elsewhere("df -i"));
  },
  psi: async ({ pressure }, at) => {
    const found = await pressure();
    if (found.size === 0)
      return {
        points: [],
        reason: "this kernel does not measure it, there is no /proc/pressure",
        remedy:
          "Add psi=1 to the kernel's command line (/boot/firmware/cmdline.txt on a Raspberry Pi) and reboot.",
      };
    return { points: shape.pressurePoints(found, at) };
  },
  network_errors: async ({ interfaces }, at) => {
    const found = await interfaces();
    if (found.length === 0) return NO_INTERFACE;
    return { points: shape.networkErrorPoints(found, at) };
  },
  processes: async ({ stat, loadavg }, at) => ({
    points: shape.processPoints(await stat(), await loadavg(), at),
  }),
} as const satisfies Record<string, Group>;

const NO_INTERFACE: Capture = {
  points: [],
  reason: "there is no interface but lo",
  remedy: elsewhere("ip link"),
};

export type GroupName = keyof typeof groups;

function orReason(points: Point[], reason: string, remedy?: string): Capture {
  if (points.length > 0) return { points };
  return { points, reason, ...(remedy === undefined ? {} : { remedy }) };
}

/** Returns the remedy for a missing source, also in a container. */
function elsewhere(command: string): string {
  return `See \`${command}\`; in a container, mount the host's root (\`-v /:/host:ro,rslave\`) and set HOST_ROOT=/host.`;
}

function withSilent(points: Point[], { silent }: Filesystems, otherwise: string): Capture {
  if (silent.length === 0) return orReason(points, "nothing of the kind is mounted", otherwise);
  const remedy = "See `findmnt`; `umount -l MOUNT` frees one whose server is gone.";
  return { points, reason: silent.join(", "), remedy };
}
