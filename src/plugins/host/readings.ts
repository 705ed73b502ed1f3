import { parseMeminfo } from "../kernel/meminfo.ts";
import { parsePressure } from "../kernel/pressure.ts";
import { readOfProcess1 } from "../kernel/process-1.ts";
import { parseUptime } from "../kernel/uptime.ts";
import type { Io } from "../plugin.ts";
import type { createCpuSnapshots } from "./cpu-snapshots.ts";
import { type DiskTraffic, parseDiskstats } from "./diskstats.ts";
import { readFilesystems } from "./filesystems.ts";
import { parseLoadavg } from "./loadavg.ts";
import { knownAvailable, type Memory, memoryOf } from "./memory.ts";
import { type NetDevice, parseNetDev } from "./net-dev.ts";
import { requiredText } from "./required-text.ts";
import { parseStat } from "./stat.ts";
import { readTemperatures } from "./temperatures.ts";
import { parseLowWatermark } from "./zoneinfo.ts";

export type Readings = ReturnType<typeof createReadings>;

/**
 * What the groups of one capture are made of. Several groups share a file: each is read at most once. `otherRoot`: the host's
 * root is not the agent's (HOST_ROOT).
 */
export function createReadings(
  io: Io,
  otherRoot: boolean,
  takeCpuSnapshots: ReturnType<typeof createCpuSnapshots>,
  signal: AbortSignal,
) {
  const meminfo = once(async () => parseMeminfo(await requiredText(io, "/proc/meminfo")));
  return {
    cpu: once(() => takeCpuSnapshots(signal)),
    stat: once(async () => parseStat(await requiredText(io, "/proc/stat"))),
    loadavg: once(async () => parseLoadavg(await requiredText(io, "/proc/loadavg"))),
    meminfo,
    memory: async (): Promise<Memory> => {
      const known = await meminfo();
      return memoryOf(known, knownAvailable(known) === undefined ? await readLowWatermark(io) : undefined);
    },
    filesystems: once(() => readFilesystems(io, otherRoot)),
    interfaces: once(() => readInterfaces(io, otherRoot)),
    disks: () => readDisks(io),
    pressure: () => readPressure(io),
    temperatures: () => readTemperatures(io),
    uptime: async () => parseUptime(await requiredText(io, "/proc/uptime")),
  };
}

function once<T>(read: () => Promise<T>): () => Promise<T> {
  let reading: Promise<T> | undefined;
  return () => {
    reading ??= read();
    return reading;
  };
}

/** Bytes; a page had 4 KiB on every board whose kernel is so old that this is asked. */
async function readLowWatermark(io: Io): Promise<number | undefined> {
  const text = await io.readText("/proc/zoneinfo").catch(() => undefined);
  return text === undefined ? undefined : parseLowWatermark(text) * 4096;
}

/**
 * Interfaces of process 1, so that a container that looks at the host through HOST_ROOT sees the host's and not its own.
 * Without `lo`.
 */
async function readInterfaces(io: Io, otherRoot: boolean): Promise<NetDevice[]> {
  const host = await readOfProcess1(io, "net/dev", otherRoot);
  const devices = parseNetDev(host ?? (await requiredText(io, "/proc/net/dev")));
  return devices.filter(({ name }) => name !== "lo");
}

/** Whole disks, which are those in /sys/block (there `/` in a name is `!`); no partitions, loop devices and RAM disks. */
async function readDisks(io: Io): Promise<DiskTraffic[]> {
  const disks = parseDiskstats(await requiredText(io, "/proc/diskstats"));
  const whole = new Set((await io.list("/sys/block")).map((name) => name.replaceAll("!", "/")));
  return disks.filter(({ name }) => whole.has(name) && !/^(loop|ram)\d+$/.test(name));
}

/** By resource; empty where the kernel does not measure it. */
async function readPressure(io: Io): Promise<Map<PressuredResource, number>> {
  const found = new Map<PressuredResource, number>();
  for (const resource of ["cpu", "memory", "io"] as const) {
    const path = `/proc/pressure/${resource}`;
    const text = await io.readText(path);
    if (text !== undefined) found.set(resource, parsePressure(path, text));
  }
  return found;
}

export type PressuredResource = "cpu" | "memory" | "io";
