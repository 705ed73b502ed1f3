import { expect } from "bun:test";
import { once } from "node:events";
import { startRedis } from "../../../scripts/servers/redis-server.ts";
import { StorageError } from "../../../src/errors.ts";
import { parseRedisUrl } from "../../../src/redis/address.ts";
import { openRedis } from "../../../src/storage/redis/redis.ts";
import type { Storage } from "../../../src/storage/storage.ts";
import { startTcpProxy } from "../../helpers/tcp-proxy.ts";
import { RAW, record } from "../rig.ts";

export const ADD = { add: [{ queue: RAW, records: [record("k", 1)] }] } as const;

const cleanup: (() => unknown)[] = [];

/** Ends everything that a test has started: for `afterEach`. */
export async function cleanUp(): Promise<void> {
  for (const step of cleanup.splice(0).reverse()) await step();
}

/** Something more to end after the test. */
export function later(step: () => unknown): void {
  cleanup.push(step);
}

export async function server(...args: string[]) {
  const redis = await startRedis(args);
  later(() => redis.stop());
  return redis;
}

export async function proxy(...args: Parameters<typeof startTcpProxy>) {
  const started = await startTcpProxy(...args);
  later(() => started.close());
  return started;
}

/** The storage, and the states it told of: `next` waits for one more. */
export function open(url: string): {
  storage: Storage;
  next(): Promise<[up: boolean, error: string]>;
  told(): number;
} {
  const states: [boolean, string][] = [];
  const events = new EventTarget();
  let read = 0;
  const storage = openRedis(parseRedisUrl(url), {
    now: () => Date.now() / 1000,
    fateOf: () => "unknown" as const,
    onState: (...state) => {
      states.push(state);
      events.dispatchEvent(new Event("state"));
    },
  });
  later(() => storage.close());
  return {
    storage,
    told: () => states.length,
    next: async () => {
      if (states.length === read) await once(events, "state");
      return states[read++] as [boolean, string];
    },
  };
}

/** The message that a call rejects with. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StorageError);
  return (error as StorageError).message;
}
