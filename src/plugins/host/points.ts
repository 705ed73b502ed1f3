import { gauge, type Point } from "../../model.ts";
import type { Meminfo } from "../kernel/meminfo.ts";
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

export function cpuPoints({ before, after }: { before: Stat; after: Stat }, at: number): Point[] {
  const busy = busyPercentage(before.total, after.total);
  return busy === undefined ? [] : [gauge("Chouette.host.cpu.percentage", busy, at)];
}

/** CPUs that were on at both times. */
export function cpuCorePoints({ before, after }: { before: Stat; after: Stat }, at: number): Point[] {
  return [...after.cores].flatMap(([core, times]) => {
    const earlier = before.cores.get(core);
    const busy = earlier && busyPercentage(earlier, times);
    return busy === undefined ? [] : [gauge("Chouette.host.cpu.core.percentage", busy, at, [`core:${core}`])];
  });
}

export function filesystemPoints({ usages }: Filesystems, at: number): Point[] {
  return usages.flatMap(({ device, usage }) => [
    gauge("Chouette.host.fs.used", usage.used, at, [`device:${device}`]),
    gauge("Chouette.host.fs.free", usage.free, at, [`device:${device}`]),
  ]);
}

/** vfat and btrfs have no fixed number of inodes and say 0. */
export function inodePoints({ usages }: Filesystems, at: number): Point[] {
  return usages
    .filter(({ usage }) => usage.inodes > 0)
    .flatMap(({ device, usage }) => [
      gauge("Chouette.host.fs.inodes.used", usage.inodes - usage.inodesFree, at, [`device:${device}`]),
      gauge("Chouette.host.fs.inodes.free", usage.inodesFree, at, [`device:${device}`]),
    ]);
}

export function loadPoints(load: number, period: "1m" | "5m" | "15m", at: number): Point[] {
  return [gauge("Chouette.host.la", load, at, [`period:${period}`])];
}

export function memoryPoints({ used, available }: Memory, at: number): Point[] {
  return [
    gauge("Chouette.host.memory.used", used, at),
    gauge("Chouette.host.memory.available", available, at),
  ];
}

export function swapPoints({ swapTotal, swapFree }: Meminfo, at: number): Point[] {
  return [
    gauge("Chouette.host.swap.used", swapTotal - swapFree, at),
    gauge("Chouette.host.swap.free", swapFree, at),
  ];
}

export function networkPoints(interfaces: readonly NetDevice[], at: number): Point[] {
  return interfaces.flatMap(({ name, received, sent }) => [
    gauge("Chouette.host.network.bytes.sent", sent.bytes, at, [`iface:${name}`]),
    gauge("Chouette.host.network.bytes.recv", received.bytes, at, [`iface:${name}`]),
  ]);
}

export function networkErrorPoints(interfaces: readonly NetDevice[], at: number): Point[] {
  return interfaces.flatMap(({ name, received, sent }) => [
    gauge("Chouette.host.network.errors.in", received.errors, at, [`iface:${name}`]),
    gauge("Chouette.host.network.errors.out", sent.errors, at, [`iface:${name}`]),
    gauge("Chouette.host.network.drops.in", received.drops, at, [`iface:${name}`]),
    gauge("Chouette.host.network.drops.out", sent.drops, at, [`iface:${name}`]),
  ]);
}

export function diskPoints(disks: readonly DiskTraffic[], at: number): Point[] {
  return disks.flatMap(({ name, read, written }) => [
    gauge("Chouette.host.disk.read.bytes", read, at, [`device:${name}`]),
    gauge("Chouette.host.disk.written.bytes", written, at, [`device:${name}`]),
  ]);
}

export function uptimePoints(seconds: number, at: number): Point[] {
  return [gauge("Chouette.host.uptime", seconds, at)];
}

export function temperaturePoints(temperatures: readonly Temperature[], at: number): Point[] {
  return temperatures.map(({ zone, celsius }) =>
    gauge("Chouette.host.temperature", celsius, at, [`zone:${zone}`]),
  );
}

export function pressurePoints(pressure: ReadonlyMap<PressuredResource, number>, at: number): Point[] {
  return [...pressure].map(([resource, percentage]) =>
    gauge(`Chouette.host.psi.${resource}`, percentage, at, ["period:10s"]),
  );
}

export function processPoints({ running, blocked }: Stat, { threads }: LoadAverage, at: number): Point[] {
  return [
    ...(running === undefined ? [] : [gauge("Chouette.host.processes.running", running, at)]),
    ...(blocked === undefined ? [] : [gauge("Chouette.host.processes.blocked", blocked, at)]),
    gauge("Chouette.host.processes.threads", threads, at),
  ];
}
