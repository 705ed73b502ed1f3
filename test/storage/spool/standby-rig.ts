import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { startRedis } from "../../../scripts/servers/redis-server.ts";
import { parseRedisUrl } from "../../../src/redis/address.ts";
import { countRecords } from "../../../src/storage/bounded.ts";
import { openRedis } from "../../../src/storage/redis/redis.ts";
import { openStandby } from "../../../src/storage/spool/standby.ts";
import { openSqlite } from "../../../src/storage/sqlite/sqlite.ts";
import type { Storage } from "../../../src/storage/storage.ts";
import { WRAPPED } from "../rig.ts";

const cleanup: (() => unknown)[] = [];

/** Ends everything that a test has started: for `afterEach`. */
export async function cleanUp(): Promise<void> {
  for (const step of cleanup.splice(0).reverse()) await step();
}

export function standbyDeps<T extends { now(): number }>(deps: T) {
  return {
    ...deps,
    owner: "agent",
    newKey: () => crypto.randomUUID(),
    monotonic: deps.now,
    onCard: () => {},
    onOverflow: () => {},
  };
}

/** An agent's storage on a real Redis; `later` lets time pass, so that Redis is tried again. */
export async function device(args: readonly string[] = []) {
  const server = await startRedis(args);
  const dir = await mkdtemp(join(tmpdir(), "chouette-standby-"));
  let now = 1_700_000_000;
  const reports: string[] = [];
  const warnings: string[] = [];
  const deps = {
    now: () => now,
    fateOf: (owner: string) => (owner === "agent" ? ("gone" as const) : ("unknown" as const)),
    warn: (message: string) => void warnings.push(message),
  };
  const redis = () => openRedis(parseRedisUrl(server.url), { ...deps, onState: () => {} });
  const ram = (path = join(dir, "hot.db")) => openSqlite(path, deps, { medium: "ram" });
  const start = (path?: string) =>
    openStandby(redis(), ram(path), {
      ...standbyDeps(deps),
      onCard: (up, error) => void reports.push(up ? "works again" : error),
    });
  const later = () => {
    now += 60;
  };
  const agent = start();
  const outside = redis();
  cleanup.push(
    () => server.stop(),
    () => rm(dir, { recursive: true }),
    () => outside.close(),
    () => agent.close(),
  );
  return { server, agent, outside, start, ram, reports, warnings, later };
}

export type Device = Awaited<ReturnType<typeof device>>;

/** Resolves once an operation of the storage succeeds: the first one that meets the failure rejects. */
export async function settled(agent: Storage): Promise<void> {
  const works = () =>
    agent.size(WRAPPED).then(
      () => true,
      () => false,
    );
  while (!(await works())) await setTimeout(10);
}

/** Resolves once the connections are made again and what waited has moved. */
export async function back({ agent, outside, ram, later }: Device): Promise<void> {
  await settled(outside);
  const hot = ram();
  for (let waiting = 1; waiting > 0; ) {
    later();
    await settled(agent);
    waiting = (await countRecords(hot)) + (await hot.size("chouette:spool")).count;
    await setTimeout(10);
  }
  await hot.close();
}
