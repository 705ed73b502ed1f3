import { rmSync } from "node:fs";
import { startRedis } from "../servers/redis-server.ts";
import type { Usage } from "./drain-child.ts";
import { inChild, type Measurement } from "./measurement.ts";
import { processUsage } from "./process-usage.ts";

/** Cost of a drain for its process and its Redis: CPU seconds, and the longest single command of Redis in ms. */
type Cost = Usage & { server: { cpu: number; pause: number } };

/**
 * Drains a backlog of raw metrics over one hour, 1000 series, into points, and compares it with a bare loop that reads the same
 * records in the same batches, parses and deletes them. Measures CPU and peak memory of each process, and the peak at a tenth.
 */
export async function measureDrains(storage: "redis" | "sqlite", records: number): Promise<Measurement[]> {
  const bare = await drain(storage, "bare", records);
  const small = await drain(storage, "chouette", records / 10);
  const full = await drain(storage, "chouette", records);
  const what = `drain ${records} raw metrics from ${storage}`;
  return [
    {
      what: `${what}, CPU`,
      chouette: `${full.cpu.toFixed(2)} s`,
      beside: `${bare.cpu.toFixed(2)} s bare loop`,
      ratio: full.cpu / bare.cpu,
      aim: "<= 1.5",
    },
    ...(storage === "redis" ? measureServer(what, full, bare) : []),
    {
      what: `drain from ${storage}, peak RSS at ${records}`,
      chouette: `${(full.rss / 1e6).toFixed(0)} MB`,
      beside: `${(small.rss / 1e6).toFixed(0)} MB at ${records / 10}`,
      ratio: full.rss / small.rss,
      aim: "<= 1.25, <= 110 MB",
    },
  ];
}

function measureServer(what: string, full: Cost, bare: Cost): Measurement[] {
  const both = ({ cpu, server }: Cost) => cpu + server.cpu;
  return [
    {
      what: `${what}, CPU of Redis`,
      chouette: `${full.server.cpu.toFixed(2)} s`,
      beside: `${bare.server.cpu.toFixed(2)} s bare loop`,
      ratio: full.server.cpu / bare.server.cpu,
      aim: "near 1",
    },
    {
      what: `${what}, CPU of both`,
      chouette: `${both(full).toFixed(2)} s`,
      beside: `${both(bare).toFixed(2)} s bare loop`,
      ratio: both(full) / both(bare),
      aim: "<= 1.8",
    },
    {
      what: `${what}, longest pause of Redis`,
      chouette: `${full.server.pause} ms`,
      beside: `${bare.server.pause} ms bare loop`,
      aim: "<= 10 ms",
    },
  ];
}

async function drain(storage: "redis" | "sqlite", mode: "bare" | "chouette", records: number): Promise<Cost> {
  if (storage === "redis") {
    const redis = await startRedis(["--latency-monitor-threshold", "1"]);
    try {
      await inChild("fill-child.ts", "redis", redis.url, String(records));
      await redis.cli("latency", "reset");
      const pid = Number(/^process_id:(\d+)/m.exec(await redis.cli("info", "server"))?.[1]);
      const { cpu } = processUsage(pid);
      const usage = await inChild<Usage>("drain-child.ts", "redis", redis.url, mode);
      const server = {
        cpu: processUsage(pid).cpu - cpu,
        pause: longestEvent(await redis.cli("latency", "latest")),
      };
      return { ...usage, server };
    } finally {
      await redis.stop();
    }
  }
  const directory = (await Bun.$`mktemp -d`.text()).trim();
  try {
    await inChild("fill-child.ts", "sqlite", `${directory}/bench.db`, String(records));
    const usage = await inChild<Usage>("drain-child.ts", "sqlite", `${directory}/bench.db`, mode);
    return { ...usage, server: { cpu: 0, pause: 0 } };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/**
 * The highest figure of LATENCY LATEST in ms, which is below the threshold when there is none. Four lines an event: name, Unix time,
 * latest and longest in ms (https://redis.io/docs/latest/operate/oss_and_stack/management/optimization/latency-monitor/).
 */
function longestEvent(reply: string): number {
  const lines = reply.split("\n");
  return Math.max(0, ...lines.filter((_, index) => index % 4 === 3).map(Number));
}
