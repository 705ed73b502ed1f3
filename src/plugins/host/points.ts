import type { Point } from "../../model.ts";
import type { Meminfo } from "../kernel/meminfo.ts";
import { reading, remainder, sound } from "../reading.ts";
import { busyPercentage } from "./busy-percentage.ts";
import type { DiskTraffic } from "./diskstats.ts";
import type { Filesystems } from "./filesystems.ts";
import type { LoadAverage } from "./loadavg.ts";
import type { Memory } from "./memory.ts";
import type { NetDevice } from "./net-dev.ts";
import type { PressuredResource } from "./readings.ts";
import type { Stat } from "./stat.ts";
import type { Temperature } from "./temperatures.ts";

/** From readings to points, one function per group: the only place with names of metrics. `at` is Unix seconds. */

type Pair = { before: Stat; after: Stat };

export function cpuPoints({ before, after }: Pair, at: number): Point[] {
  if (before.total === undefined || after.total === undefined) return [];
  return reading("Chouette.host.cpu.percentage", busyPercentage(before.total, after.total), at);
}

/** CPUs that were on at both times. */
export function cpuCorePoints({ before, after }: Pair, at: number): Point[] {
  return [...after.cores].flatMap(([core, times]) => {
    const earlier = before.cores.get(core);
    const busy = earlier && busyPercentage(earlier, times);
    return reading("Chouette.host.cpu.core.percentage", busy, at, [`core:${core}`]);
  });
}

/** A filesystem of which more is free than there is has no value. */
export function filesystemPoints({ usages }: Filesystems, at: number): Point[] {
  return usages.flatMap(({ device, usage: { total, used, free } }) => {
    if (remainder(total, used) === undefined || remainder(total, free) === undefined) return [];
    return [
      ...reading("Chouette.host.fs.used", used, at, [`device:${device}`]),
      ...reading("Chouette.host.fs.free", free, at, [`device:${device}`]),
    ];
  });
}

/** vfat and btrfs have no fixed number of inodes and say 0; some network filesystems say -1. */
export function inodePoints({ usages }: Filesystems, at: number): Point[] {
  return usages.flatMap(({ device, usage: { inodes, inodesFree } }) => {
    const used = remainder(sound(inodes), sound(inodesFree));
    if (inodes === 0 || used === undefined) return [];
    return [
      ...reading("Chouette.host.fs.inodes.used", used, at, [`device:${device}`]),
      ...reading("Chouette.host.fs.inodes.free", inodesFree, at, [`device:${device}`]),
    ];
  });
}

export function loadPoints(load: number | undefined, period: "1m" | "5m" | "15m", at: number): Point[] {
  return reading("Chouette.host.la", load, at, [`period:${period}`]);
}

export function memoryPoints({ used, available }: Memory, at: number): Point[] {
  return [
    ...reading("Chouette.host.memory.used", used, at),
    ...reading("Chouette.host.memory.available", available, at),
  ];
}

/** More free swap than there is has no value. */
export function swapPoints({ swapTotal, swapFree }: Meminfo, at: number): Point[] {
  const used = remainder(swapTotal, swapFree);
  return [
    ...reading("Chouette.host.swap.used", used, at),
    ...reading("Chouette.host.swap.free", used === undefined ? undefined : swapFree, at),
  ];
}

export function networkPoints(interfaces: readonly NetDevice[], at: number): Point[] {
  return interfaces.flatMap(({ name, received, sent }) => [
    ...reading("Chouette.host.network.bytes.sent", sent.bytes, at, [`iface:${name}`]),
    ...reading("Chouette.host.network.bytes.recv", received.bytes, at, [`iface:${name}`]),
  ]);
}

export function networkErrorPoints(interfaces: readonly NetDevice[], at: number): Point[] {
  return interfaces.flatMap(({ name, received, sent }) => [
    ...reading("Chouette.host.network.errors.in", received.errors, at, [`iface:${name}`]),
    ...reading("Chouette.host.network.errors.out", sent.errors, at, [`iface:${name}`]),
    ...reading("Chouette.host.network.drops.in", received.drops, at, [`iface:${name}`]),
    ...reading("Chouette.host.network.drops.out", sent.drops, at, [`iface:${name}`]),
  ]);
}

export function diskPoints(disks: readonly DiskTraffic[], at: number): Point[] {
  return disks.flatMap(({ name, read, written }) => [
    ...reading("Chouette.host.disk.read.bytes", read, at, [`device:${name}`]),
    ...reading("Chouette.host.disk.written.bytes", written, at, [`device:${name}`]),
  ]);
}

export function uptimePoints(seconds: number | undefined, at: number): Point[] {
  return reading("Chouette.host.uptime", seconds, at);
}

export function temperaturePoints(temperatures: readonly Temperature[], at: number): Point[] {
  return temperatures.flatMap(({ zone, celsius }) =>
    reading("Chouette.host.temperature", celsius, at, [`zone:${zone}`], "celsius"),
  );
}

export function pressurePoints(
  pressure: ReadonlyMap<PressuredResource, number | undefined>,
  at: number,
): Point[] {
  return [...pressure].flatMap(([resource, percentage]) =>
    reading(`Chouette.host.psi.${resource}`, percentage, at, ["period:10s"]),
  );
}

export function processPoints(stat: Stat, load: LoadAverage | undefined, at: number): Point[] {
  return [
    ...reading("Chouette.host.processes.running", stat.running, at),
    ...reading("Chouette.host.processes.blocked", stat.blocked, at),
    ...reading("Chouette.host.processes.threads", load?.threads, at),
  ];
}
