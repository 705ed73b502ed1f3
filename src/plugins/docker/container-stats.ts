import { amount, record, text } from "../foreign-json.ts";

/** A container's stats in bytes and nanoseconds; undefined where the engine has no value. */
export type ContainerStats = {
  /** False in the all-zero answer given for a container that is not running. */
  running: boolean;
  /** Counter of all CPU time, user and kernel, since the container started. */
  cpuTotal: number | undefined;
  /** Percent of one core over the engine's own last second; absent in one-shot answers. */
  cpuPercentage: number | undefined;
  /** Undefined where the kernel does not count memory; a part of it where its number cannot be true. */
  memory: { usage: number | undefined; withoutCache: number | undefined } | undefined;
  network: { rx: number | undefined; tx: number | undefined } | undefined;
  io: { read: number | undefined; write: number | undefined } | undefined;
};

/**
 * Reads the body of `GET /containers/<id>/stats?stream=false` of Docker and of Podman; every field may be missing.
 * https://docs.docker.com/reference/api/engine/#tag/Container/operation/ContainerStats
 * `{"read":"2026-11-22T14:28:13.697Z","cpu_stats":{"cpu_usage":{"total_usage":32227465,…},…},"memory_stats":{"usage":32776192,…},…}`
 */
export function parseContainerStats(body: unknown): ContainerStats {
  const stats = record(body);
  const now = parseCpu(stats.cpu_stats);
  return {
    running: !text(stats.read).startsWith("0001-01-01"),
    cpuTotal: now.total,
    cpuPercentage: percentage(now, parseCpu(stats.precpu_stats)),
    memory: parseMemory(stats.memory_stats),
    network: parseNetworks(stats.networks),
    io: parseIo(record(stats.blkio_stats).io_service_bytes_recursive),
  };
}

type Cpu = { total: number | undefined; system: number | undefined; online: number | undefined };

function parseCpu(body: unknown): Cpu {
  const cpu = record(body);
  const usage = record(cpu.cpu_usage);
  const cores = Array.isArray(usage.percpu_usage) ? usage.percpu_usage.length : 0;
  return {
    total: amount(usage.total_usage),
    system: amount(cpu.system_cpu_usage),
    // Engines before API 1.27 list the cores without counting them.
    online: amount(cpu.online_cpus) || cores || undefined,
  };
}

/** The formula of `docker stats`. Without a first reading (system 0 or absent) it would be an average over the machine's life. */
function percentage(now: Cpu, before: Cpu): number | undefined {
  if (now.total === undefined || now.system === undefined || now.online === undefined) return undefined;
  if (before.total === undefined || !before.system) return undefined;
  const used = now.total - before.total;
  const passed = now.system - before.system;
  return used >= 0 && passed > 0 ? (used / passed) * now.online * 100 : undefined;
}

/** As `docker stats` prints it: cgroup v1 says total_inactive_file, v2 inactive_file, Podman nothing. Absent on kernels that do not count memory. */
function parseMemory(body: unknown): ContainerStats["memory"] {
  const memory = record(body);
  if (typeof memory.usage !== "number") return undefined;
  const usage = amount(memory.usage);
  const { total_inactive_file, inactive_file } = record(memory.stats);
  const cache = amount(total_inactive_file ?? inactive_file ?? 0);
  if (usage === undefined || cache === undefined) return { usage, withoutCache: undefined };
  return { usage, withoutCache: cache < usage ? usage - cache : usage };
}

/** The sum over the container's interfaces; none in the network of the host. */
function parseNetworks(body: unknown): ContainerStats["network"] {
  const interfaces = Object.values(record(body)).map(record);
  if (interfaces.length === 0) return undefined;
  return {
    rx: sum(interfaces.map((card) => card.rx_bytes)),
    tx: sum(interfaces.map((card) => card.tx_bytes)),
  };
}

/** The sum over the block devices: `[{"major":8,"minor":0,"op":"Read","value":167936},…]`, `read` on cgroup v2; a zero `value` may be left out. */
function parseIo(body: unknown): ContainerStats["io"] {
  const entries = Array.isArray(body) ? body.map(record) : [];
  const of = (op: string) => entries.filter((entry) => text(entry.op).toLowerCase() === op);
  const reads = of("read");
  const writes = of("write");
  if (reads.length + writes.length === 0) return undefined;
  return { read: sum(reads.map((entry) => entry.value)), write: sum(writes.map((entry) => entry.value)) };
}

/** What is not a number counts as 0; with a number that cannot be true there is no sum. */
function sum(values: readonly unknown[]): number | undefined {
  const numbers = values.filter((value) => typeof value === "number").map(amount);
  if (numbers.includes(undefined)) return undefined;
  return numbers.reduce((total: number, number) => total + (number ?? 0), 0);
}
