import type { Socket } from "node:net";
import { Redis } from "ioredis";
import type { RedisAddress } from "./address.ts";
import { CONNECT, connectorTo, refusalIn } from "./connector.ts";

export type RedisArgument = string | number | Buffer;

export type RedisClient = {
  /** For its events and its state. */
  redis: Redis;
  /** Sends one command; its answer has every text as a Buffer. Rejects with the error of Redis, the network or ioredis. */
  call(command: string, args: readonly RedisArgument[]): Promise<unknown>;
};

/** Seconds that Redis may take to answer. */
const ANSWER = 5;

/**
 * Bytes that may arrive before a command is answered: four times what the largest request of Chouette asks for (see `maxBytes` in
 * the jobs). More comes only from a server that is not Redis, or from records of other programs that are not worth the memory.
 */
const LARGEST_ANSWER = 32_000_000;

/**
 * Makes the client with which everything here speaks to Redis. `again`: connects at once, and again after 0.1 to 30 s whenever the
 * connection is lost, forever; otherwise it connects when `redis.connect()` is called, once. No command is queued or sent twice.
 */
export function createRedisClient(address: RedisAddress, again: boolean): RedisClient {
  let received = 0;
  let current: Socket | undefined;
  const { username, password, db } = address;
  const redis = new Redis({
    Connector: connectorTo(address, (stream) => watch(stream)),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(address.tls && { tls: {} }),
    db,
    lazyConnect: !again,
    connectionName: "chouette",
    disableClientInfo: true,
    // A Redis that is loading says so in answer to a command; the check would be an INFO on every connect.
    enableReadyCheck: false,
    enableOfflineQueue: false,
    // Nothing that was under way when the connection broke is sent again: the caller looks at the queue and decides.
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: CONNECT * 1000,
    commandTimeout: ANSWER * 1000,
    socketTimeout: ANSWER * 1000,
    retryStrategy: (tries: number) => (again ? pauseAfter(tries) : null),
  });

  function watch(stream: Socket): void {
    received = 0;
    current = stream;
    let isFirst = true;
    stream.on("data", (bytes: Buffer) => {
      received += bytes.length;
      const refusal = isFirst ? refusalIn(bytes) : undefined;
      isFirst = false;
      // Not by destroying the stream with this error: it may have ended already.
      if (refusal !== undefined) redis.emit("error", new Error(refusal));
      if (received > LARGEST_ANSWER) stream.destroy(new Error("answer too large"));
    });
  }

  return {
    redis,
    call: async (command, args) => {
      try {
        const answer = await redis.callBuffer(command, [...args]);
        received = 0;
        return answer;
      } catch (error) {
        // The answers after it would be late, too, and what has arrived of it still counts.
        if (isLate(error)) current?.destroy(error as Error);
        else received = 0;
        throw error;
      }
    },
  };
}

/** Milliseconds. Half of the pause is random, so that the devices of a site do not come back all at once. */
function pauseAfter(tries: number): number {
  return Math.min(30_000, 100 * 2 ** Math.min(tries, 10)) * (0.5 + Math.random() / 2);
}

/** True for what ioredis says when a command was not answered in time. */
function isLate(error: unknown): boolean {
  return (error as Error).message === "Command timed out";
}
