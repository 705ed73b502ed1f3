/** drain-child.ts TYPE WHERE bare|chouette: drains the raw queue and prints CPU and memory of this process. */
import { DatabaseSync } from "node:sqlite";
import { Redis } from "ioredis";
import { datadogWrapper } from "../../src/aggregate/datadog-wrapper.ts";
import { aggregate } from "../../src/jobs/aggregate.ts";
import { recordKey } from "../../src/records/key.ts";
import { rawMetricParser } from "../../src/records/raw-metric.ts";
import { systemClock } from "../../src/schedule/clock.ts";
import { openBenchStorage } from "./bench-storage.ts";
import { peakMemory } from "./process-usage.ts";

/** CPU seconds, user and system, and the highest resident size in bytes. */
export type Usage = { cpu: number; rss: number };

const BATCH = 10_000;
const [type = "", where = "", mode = ""] = process.argv.slice(2);
const begin = process.cpuUsage();
if (mode === "chouette") await drainIntoPoints();
else if (type === "redis") await drainBareRedis();
else drainBareSqlite();
const { user, system } = process.cpuUsage(begin);
console.log(JSON.stringify({ cpu: (user + system) / 1e6, rss: peakMemory() } satisfies Usage));
process.exit(0);

async function drainIntoPoints(): Promise<void> {
  const deps = {
    storage: openBenchStorage(type, where),
    clock: systemClock,
    owner: "bench",
    host: "",
    interval: 10,
    ttl: 14_400,
    wrapper: datadogWrapper({ aggregates: ["max", "median", "avg", "count"], percentiles: [0.95] }),
    parse: rawMetricParser([]),
    newKey: () => recordKey(Date.now() / 1000),
  };
  await aggregate(deps, { openWindow: true, patience: 0 }, new AbortController().signal);
}

async function drainBareRedis(): Promise<void> {
  const redis = new Redis(where.replace(/^unix:\/\//, ""));
  for (;;) {
    const keys: string[] = await redis.zrange("chouette:metrics:raw.keys", "0", String(BATCH - 1));
    if (keys.length === 0) break;
    for (const body of await redis.hmget("chouette:metrics:raw.values", ...keys)) JSON.parse(body ?? "null");
    await redis
      .multi()
      .zrem("chouette:metrics:raw.keys", ...keys)
      .hdel("chouette:metrics:raw.values", ...keys)
      .exec();
  }
  redis.disconnect();
}

function drainBareSqlite(): void {
  const database = new DatabaseSync(where);
  const read = database.prepare("SELECT at, key, body FROM record WHERE queue = 0 ORDER BY at, key LIMIT ?");
  const remove = database.prepare("DELETE FROM record WHERE queue = 0 AND at = ? AND key = ?");
  for (;;) {
    const rows = read.all(BATCH);
    if (rows.length === 0) break;
    for (const { body } of rows) JSON.parse(String(body));
    database.exec("BEGIN IMMEDIATE");
    for (const { at, key } of rows) remove.run(at ?? null, key ?? null);
    database.exec("COMMIT");
  }
  database.close();
}
