import { parseMeminfo } from "../kernel/meminfo.ts";
import { parsePressure } from "../kernel/pressure.ts";
import { readOfProcess1 } from "../kernel/process-1.ts";
import type { Skip } from "../kernel/skipped-lines.ts";
import { parseUptime } from "../kernel/uptime.ts";
import type { Io } from "../plugin.ts";
import type { TakeCpuSnapshots } from "./cpu-snapshots.ts";
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
 * root is not the agent's (HOST_ROOT). Lines that are not understood go to `skip`.
 */
export function createReadings(
  io: Io,
  otherRoot: boolean,
  takeCpuSnapshots: TakeCpuSnapshots,
  skip: Skip,
  signal: AbortSignal,
) {
  const meminfo = once(async () => parseMeminfo(await requiredText(io, "/proc/meminfo"), skip));
  return {
    cpu: once(() => takeCpuSnapshots(skip, signal)),
    stat: once(async () => parseStat(await requiredText(io, "/proc/stat"), skip)),
    loadavg: once(async () => parseLoadavg(await requiredText(io, "/proc/loadavg"), skip)),
    meminfo,
    memory: async (): Promise<Memory> => {
      const known = await meminfo();
      const isTold = knownAvailable(known) !== undefined;
      return memoryOf(known, isTold ? undefined : await readLowWatermark(io, skip));
    },
    filesystems: once(() => readFilesystems(io, otherRoot, skip)),
    interfaces: once(() => readInterfaces(io, otherRoot, skip)),
    disks: () => readDisks(io, skip),
    pressure: () => readPressure(io, skip),
    temperatures: () => readTemperatures(io, skip),
    uptime: async () => parseUptime(await requiredText(io, "/proc/uptime"), skip),
  };
}

function once<T>(read: () => Promise<T>): () => Promise<T> {
  let reading: Promise<T> | undefined;
  return () => {
    reading ??= read();
    return reading;
  };
}

/** Bytes; a page had 4 KiB on every board whose kernel is so old that this is needed. */
async function readLowWatermark(io: Io, skip: Skip): Promise<number | undefined> {
  const text = await io.readText("/proc/zoneinfo").catch(() => undefined);
  const pages = text === undefined ? undefined : parseLowWatermark(text, skip);
  return pages === undefined ? undefined : pages * 4096;
}

/**
 * Interfaces of process 1, so that a container that looks at the host through HOST_ROOT sees the host's and not its own.
 * Without `lo`.
 */
async function readInterfaces(io: Io, otherRoot: boolean, skip: Skip): Promise<NetDevice[]> {
  const host = await readOfProcess1(io, "net/dev", otherRoot);
  const devices = parseNetDev(host ?? (await requiredText(io, "/proc/net/dev")), skip);
  return devices.filter(({ name }) => name !== "lo");
}

/** Whole disks, which are those in /sys/block (there `/` in a name is `!`); no partitions, loop devices and RAM disks. */
async function readDisks(io: Io, skip: Skip): Promise<DiskTraffic[]> {
  const disks = parseDiskstats(await requiredText(io, "/proc/diskstats"), skip);
  const whole = new Set((await io.list("/sys/block")).map((name) => name.replaceAll("!", "/")));
  return disks.filter(({ name }) => whole.has(name) && !/^(loop|ram)\d+$/.test(name));
}

/** Reads the pressure by resource; empty when the kernel does not measure it. An unreadable one is left out; rejects when all are. */
async function readPressure(io: Io, skip: Skip): Promise<Map<PressuredResource, number | undefined>> {
  const found = new Map<PressuredResource, number | undefined>();
  let failure: unknown;
  for (const resource of ["cpu", "memory", "io"] as const) {
    const path = `/proc/pressure/${resource}`;
    const text = await io.readText(path).catch((error: unknown) => {
      failure = error;
      return undefined;
    });
    if (text !== undefined) found.set(resource, parsePressure(text, path, 10, skip));
  }
  if (found.size === 0 && failure !== undefined) throw failure;
  return found;
}

export type PressuredResource = "cpu" | "memory" | "io";
