import { spawn } from "node:child_process";
import { watch } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Redis } from "ioredis";
import { type RedisServer, startRedis } from "../../scripts/servers/redis-server.ts";
import { openEmbedded } from "../../src/storage/spool/open-spool.ts";
import type { DataQueue, NewRecord } from "../../src/storage/storage.ts";
import { wasmAdapter } from "./wasm-bundle.ts";

/** The queues of an agent, and an application beside it that writes into them. */
export type Queues = {
  /** The agent's variables for these queues. */
  env: Record<string, string>;
  /** A new and empty directory below which the agent may write; removed by `stop`. */
  dir: string;
  /** Resolves when the records are in the queue. */
  write(queue: DataQueue, records: readonly NewRecord[]): Promise<void>;
  /** Resolves when the agent has changed them so many times more: in the middle of its work. */
  changed(times: number): Promise<void>;
  /** Where there is a server: cuts the agent's connection to it; kills it and starts it again. */
  disconnect(): Promise<void>;
  crash(): Promise<void>;
  stop(): Promise<void>;
};

/** A Redis that forgets nothing, and an application that writes as chouette-iot-client does. */
export function durableRedisQueues() {
  return redisQueues(["--appendonly", "yes", "--appendfsync", "always"]);
}

/** A Redis, and an application that writes as chouette-iot-client does: MULTI · ZADD · HSET · EXEC for each record. */
export async function redisQueues(
  args: readonly string[] = [],
): Promise<Queues & { server: RedisServer; application: Redis }> {
  const dir = await mkdtemp(join(tmpdir(), "chouette-agent-"));
  const ram = await mkdtemp("/dev/shm/chouette-agent-");
  const server = await startRedis(args);
  const application = new Redis({ path: server.socket });
  application.on("error", () => {});
  return {
    env: { REDIS_URL: server.url, HOME: dir, CHOUETTE_RUNTIME_DIR: ram },
    dir,
    server,
    application,
    write: async (queue, records) => {
      const transactions = records.map(({ key, at, body }) =>
        application.multi().zadd(`${queue}.keys`, at, key).hset(`${queue}.values`, key, body).exec(),
      );
      for (const replies of await Promise.all(transactions))
        for (const [error] of replies ?? []) if (error) throw error;
    },
    changed: async (times) => {
      const monitor = spawn("redis-cli", ["-s", server.socket, "MONITOR"]);
      let left = times;
      // A line is `1795361439.177094 [0 lua] "HDEL" "chouette:metrics:raw.values" …`.
      for await (const line of createInterface({ input: monitor.stdout }))
        if (/ lua\] "(HSET|HDEL)"/.test(line) && --left === 0) break;
      monitor.kill();
    },
    disconnect: async () => {
      const clients = String(await application.client("LIST")).split("\n");
      for (const line of clients.filter((client) => client.includes(" name=chouette ")))
        await application.client("KILL", "ID", /id=(\d+)/.exec(line)?.[1] ?? "");
    },
    crash: async () => {
      await server.kill();
      await server.restart();
    },
    stop: async () => {
      application.disconnect();
      await server.stop();
      await rm(dir, { recursive: true });
      await rm(ram, { recursive: true });
    },
  };
}

/** An embedded database of the SQLite of the executable, and a second process with it open: this one. */
export async function sqliteQueues(): Promise<Queues> {
  return process.env.CHOUETTE_SQLITE === "wasm" ? wasmQueues() : queuesOf(openEmbedded);
}

/** For an agent as for armv7, which keeps other processes out by locks of its own: node:sqlite does not see them. */
export async function wasmQueues(): Promise<Queues> {
  return queuesOf((await wasmAdapter()).openEmbedded);
}

/** The database in RAM lies in a directory of the test's own, too; an application writes there as the agent does. */
async function queuesOf(open: typeof openEmbedded): Promise<Queues> {
  const dir = await mkdtemp(join(tmpdir(), "chouette-agent-"));
  const ram = await mkdtemp("/dev/shm/chouette-agent-");
  const state = join(dir, "state");
  const storage = await open(
    {
      card: join(state, "chouette.db"),
      named: ram,
      userRuntime: undefined,
      strict: false,
      maxBytes: 256_000_000,
    },
    {
      now: () => Date.now() / 1000,
      owner: "application",
      fateOf: () => "unknown" as const,
      newKey: () => crypto.randomUUID(),
      warn: () => {},
      onCard: () => {},
      onOverflow: () => {},
      monotonic: () => performance.now() / 1000,
      left: async () => undefined,
    },
    "agent",
  );
  return {
    env: { CHOUETTE_STATE_DIR: state, CHOUETTE_RUNTIME_DIR: ram, HOME: dir },
    dir,
    write: (queue, records) => storage.commit({ add: [{ queue, records }] }),
    changed: (times) =>
      new Promise((resolve) => {
        let left = times;
        const watcher = watch(ram, () => {
          if (--left > 0) return;
          watcher.close();
          resolve();
        });
      }),
    disconnect: async () => {},
    crash: async () => {},
    stop: async () => {
      await storage.close();
      await rm(dir, { recursive: true });
      await rm(ram, { recursive: true });
    },
  };
}

/** A record of `chouette:metrics:raw` as Python's encoder writes it, under a fresh key. */
export function rawRecord(metric: {
  metric: string;
  type: "count" | "gauge" | "rate" | "histogram" | "set";
  value: number | readonly (string | number)[];
  timestamp: number;
  tags: Readonly<Record<string, string | number | boolean>>;
}): NewRecord {
  return { key: crypto.randomUUID(), at: metric.timestamp, body: pythonJson(metric) };
}

/** `json.dumps`: a blank behind each comma and colon outside of strings. */
export function pythonJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(
    ([name, field]) => `${JSON.stringify(name)}: ${pythonJson(field)}`,
  );
  return `{${fields.join(", ")}}`;
}
