import { rmSync } from "node:fs";
import { startRedis } from "../servers/redis-server.ts";
import type { Usage } from "./drain-child.ts";
import { inChild, type Measurement } from "./measurement.ts";

/**
 * Drains a backlog of raw metrics over one hour, 1000 series, into points, and compares it with a bare loop that reads the same
 * records in the same batches, parses and deletes them. Measures CPU and peak memory of each process, and the peak at a tenth.
 */
export async function measureDrains(storage: "redis" | "sqlite", records: number): Promise<Measurement[]> {
  const bare = await drain(storage, "bare", records);
  const small = await drain(storage, "chouette", records / 10);
  const full = await drain(storage, "chouette", records);
  return [
    {
      what: `drain ${records} raw metrics from ${storage}, CPU`,
      chouette: `${full.cpu.toFixed(2)} s`,
      beside: `${bare.cpu.toFixed(2)} s bare loop`,
      ratio: full.cpu / bare.cpu,
      aim: "<= 2.5",
    },
    {
      what: `drain from ${storage}, peak RSS at ${records}`,
      chouette: `${(full.rss / 1e6).toFixed(0)} MB`,
      beside: `${(small.rss / 1e6).toFixed(0)} MB at ${records / 10}`,
      ratio: full.rss / small.rss,
      aim: "<= 1.25",
    },
  ];
}

async function drain(
  storage: "redis" | "sqlite",
  mode: "bare" | "chouette",
  records: number,
): Promise<Usage> {
  if (storage === "redis") {
    const redis = await startRedis();
    try {
      await inChild("fill-child.ts", "redis", redis.url, String(records));
      return await inChild<Usage>("drain-child.ts", "redis", redis.url, mode);
    } finally {
      await redis.stop();
    }
  }
  const directory = (await Bun.$`mktemp -d`.text()).trim();
  try {
    await inChild("fill-child.ts", "sqlite", `${directory}/bench.db`, String(records));
    return await inChild<Usage>("drain-child.ts", "sqlite", `${directory}/bench.db`, mode);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
