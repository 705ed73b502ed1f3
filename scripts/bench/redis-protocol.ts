import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { executable } from "../build/executable.ts";
import { startRedis } from "../servers/redis-server.ts";
import type { Measurement } from "./measurement.ts";
import { printMeasurements } from "./print-measurements.ts";

/** Seconds of one measurement, and measurements of each kind, of which the best counts. */
const SECONDS = 2;
const ROUNDS = 2;

/** What chouette-iot-client does on Debian's python3-redis: one record a transaction, or many before the answers are read. */
const CLIENT = `
import json, redis, sys, time, uuid
path, seconds, many = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
r = redis.Redis(unix_socket_path=path)
begin, written = time.perf_counter(), 0
while time.perf_counter() - begin < seconds:
    pipeline = r.pipeline()
    for _ in range(many):
        key, now = str(uuid.uuid4()), time.time()
        body = {"metric": "my.count", "type": "count", "value": 1, "timestamp": now, "tags": {"zone": "a"}}
        pipeline.zadd("chouette:metrics:raw.keys", {key: now})
        pipeline.hset("chouette:metrics:raw.values", key, json.dumps(body))
    pipeline.execute()
    written += many
print(written / (time.perf_counter() - begin))
`;

/** Writes records through the Python client to a running agent and to redis-server in turn, and compares records per second. */
export async function measureRedisProtocol(): Promise<Measurement[]> {
  const agent = await startAgent();
  const alone = await startAlone();
  const redis = await startRedis();
  try {
    const measurements: Measurement[] = [];
    for (const many of [1, 100]) {
      let [ours, theirs, unstored] = [0, 0, 0];
      for (let round = 0; round < ROUNDS; round++) {
        theirs = Math.max(theirs, await write(redis.socket, many));
        ours = Math.max(ours, await write(agent.path, many));
        unstored = Math.max(unstored, await write(alone.path, many));
      }
      const what = `Redis protocol from Python, ${many === 1 ? "a record" : `${many} records`} a transaction`;
      for (const [found, how, aim] of [
        [ours, "", ">= 0.7"],
        [unstored, ", without the storage", ""],
      ] as const)
        measurements.push({
          what: what + how,
          chouette: `${Math.round(found)} records/s`,
          beside: `${Math.round(theirs)} records/s redis-server`,
          ratio: found / theirs,
          aim,
        });
    }
    return measurements;
  } finally {
    await agent.stop();
    await alone.stop();
    await redis.stop();
  }
}

/** The protocol without a storage behind it. */
async function startAlone(): Promise<{ path: string; stop(): Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), "chouette-bench-"));
  const path = join(dir, "redis.sock");
  const script = join(import.meta.dir, "redis-protocol-child.ts");
  const child = spawn(process.execPath, [script, path], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  return {
    path,
    stop: async () => {
      child.kill();
      await once(child, "exit");
      await rm(dir, { recursive: true });
    },
  };
}

async function startAgent(): Promise<{ path: string; stop(): Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), "chouette-bench-"));
  const ram = await mkdtemp("/dev/shm/chouette-bench-");
  const path = join(dir, "redis.sock");
  const child = spawn(await executable(), ["run"], {
    env: {
      API_KEY: "0123456789abcdef0123456789abcdef",
      // Nothing listens there.
      DATADOG_URL: "http://127.0.0.1:1/api",
      RELEASE_INTERVAL: "3600",
      // A larger backlog than fits RAM would measure the card.
      AGGREGATE_INTERVAL: "1",
      CHOUETTE_RUNTIME_DIR: ram,
      HOME: dir,
      HOST: "bench",
      REDIS_LISTEN: path,
      DOGSTATSD: "false",
    },
    stdio: ["ignore", "ignore", "pipe"],
  });
  for await (const chunk of child.stderr) if (String(chunk).includes("as to Redis")) break;
  return {
    path,
    stop: async () => {
      child.kill("SIGKILL");
      await once(child, "exit");
      for (const made of [dir, ram]) await rm(made, { recursive: true });
    },
  };
}

async function write(path: string, many: number): Promise<number> {
  const words = ["/usr/bin/python3", "-c", CLIENT, path, `${SECONDS}`, `${many}`];
  const child = Bun.spawn(words, { stdout: "pipe", stderr: "inherit" });
  const text = await new Response(child.stdout).text();
  if ((await child.exited) !== 0) throw new Error("the Python client failed");
  return Number(text);
}

if (import.meta.main) printMeasurements(await measureRedisProtocol());
