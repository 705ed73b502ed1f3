import { Redis } from "ioredis";
import { StorageError } from "../../errors.ts";
import type { RedisAddress } from "../../redis/address.ts";
import { explainRedisError } from "../../redis/errors.ts";
import type { RedisScript } from "./scripts.ts";

export type RedisArgument = string | number | Buffer;

export type RedisConnection = {
  /** Runs a script and gives its reply with every text as a Buffer; rejects with StorageError, within seconds. */
  run(script: RedisScript, keys: readonly string[], args: readonly RedisArgument[]): Promise<unknown>;
  /** The same for one command. */
  call(command: string, args: readonly RedisArgument[]): Promise<unknown>;
  /** Calls under way and later ones reject. */
  close(): void;
};

/** Seconds: what a connection may take to get ready before a call is rejected, and what Redis may take to answer. */
const CONNECT = 2;
const ANSWER = 5;

/**
 * A connection that is always wanted: made at once, and made again after 0.1 to 30 s whenever it is lost, forever.
 * A call waits for a connection that is being made, and after a loss for the first try, which shows why; between two later
 * tries it rejects at once. Nothing is queued or sent twice.
 * `onState` hears that the connection is lost (`error` says why), or cannot be made, and that it is back: once each time.
 */
export function connectRedis(
  address: RedisAddress,
  onState: (up: boolean, error: string) => void,
): RedisConnection {
  const client = new Redis(clientOptions(address));
  const lost = explainRedisError(new Error("closed"), address);
  let failure = new StorageError(
    `Redis at ${address.where} takes the connection but does not answer. Look: redis-cli PING.`,
  );
  let refused = false;
  let connected = false;
  /** The connection is lost, and why is not known before one try to get it back. */
  let untried = false;
  let up = true;
  let closed = false;
  let attempt: Promise<void> | undefined;

  client.on("error", (error: Error & { command?: { name?: string } }) => {
    failure = explainRedisError(error, address);
    // ioredis goes on with database 0, that is, with the queues of somebody else.
    if (error.command?.name === "select") refused = true;
  });
  client.on("close", () => {
    refused = false;
    untried = connected;
    connected = false;
    report(false);
  });
  client.on("ready", () => {
    report(!refused);
    connected = true;
    if (!refused) failure = lost;
  });

  function report(state: boolean): void {
    if (up !== state && !closed) onState(state, state ? "" : failure.message);
    up = state;
  }

  async function ready(): Promise<void> {
    const known = client.status === "ready" || (client.status === "reconnecting" && !untried);
    if (!closed && !known) await nextState();
    if (closed) throw new StorageError("The storage is closed.");
    if (client.status !== "ready" || refused) throw failure;
  }

  function nextState(): Promise<void> {
    attempt ??= attemptEnds(client).finally(() => {
      attempt = undefined;
    });
    return attempt;
  }

  async function explained(reply: () => Promise<unknown>): Promise<unknown> {
    await ready();
    try {
      return await reply();
    } catch (error) {
      if (closed) throw new StorageError("The storage is closed.");
      const cut = (error as Error).name === "MaxRetriesPerRequestError";
      const said = cut ? failure : explainRedisError(error, address);
      if (said.message === lost.message) await comesBack();
      throw said;
    }
  }

  /** Resolves when a connection that was lost is there again; rejects with what keeps it away, "closed" being only its end. */
  async function comesBack(): Promise<void> {
    // A call fails before the event that tells of the end.
    if (connected) await nextState();
    await ready();
  }

  return {
    run(script, keys, args) {
      const rest = [keys.length, ...keys, ...args];
      return explained(() =>
        client.callBuffer("EVALSHA", [script.sha, ...rest]).catch((error: Error) => {
          if (!error.message.includes("NOSCRIPT")) throw error;
          return client.callBuffer("EVAL", [script.lua, ...rest]);
        }),
      );
    },
    call: (command, args) => explained(() => client.callBuffer(command, [...args])),
    close() {
      closed = true;
      client.disconnect();
    },
  };
}

function clientOptions(address: RedisAddress) {
  const { path, host, port, username, password, db, tls } = address;
  return {
    ...(path === undefined ? { host: host ?? "localhost", port: port ?? 6379 } : { path }),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls && { tls: {} }),
    db,
    connectionName: "chouette",
    disableClientInfo: true,
    // A Redis that is loading says so in answer to a command; the check would be an INFO on every connect.
    enableReadyCheck: false,
    enableOfflineQueue: false,
    // Nothing that was under way when the connection broke is sent again: the caller looks at the queue and decides.
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: CONNECT * 1000,
    disconnectTimeout: 200,
    commandTimeout: ANSWER * 1000,
    socketTimeout: ANSWER * 1000,
    // Half of the pause is random, so that the devices of a site do not come back all at once.
    retryStrategy: (tries: number) =>
      Math.min(30_000, 100 * 2 ** Math.min(tries, 10)) * (0.5 + Math.random() / 2),
  };
}

/** Resolves when the connection that is being made is ready or lost, or has taken too long. */
function attemptEnds(client: Redis): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      client.off("ready", end);
      client.off("close", end);
      resolve();
    };
    const timer = setTimeout(end, CONNECT * 1000);
    client.on("ready", end);
    client.on("close", end);
  });
}
