import { StorageError } from "../../errors.ts";
import type { RedisAddress } from "../../redis/address.ts";
import { createRedisClient, type RedisArgument } from "../../redis/client.ts";
import { explainRedisError, isLoss } from "../../redis/errors.ts";
import type { RedisScript } from "./scripts.ts";

export type RedisConnection = {
  /**
   * Runs a script and gives what `read` makes of its reply, in which every text is a Buffer. Rejects with StorageError, within
   * seconds; also when `read` throws, since the reply is then not one of Redis.
   */
  run<T>(
    script: RedisScript,
    keys: readonly string[],
    args: readonly RedisArgument[],
    read: (reply: unknown) => T,
  ): Promise<T>;
  /** Does the same for one command. */
  call<T>(command: string, args: readonly RedisArgument[], read: (reply: unknown) => T): Promise<T>;
  /** Calls under way and later ones reject. */
  close(): void;
};

type State =
  /**
   * The first connection is being made, or the first one after a loss: calls wait for it. `lost`: why, where that is known.
   * `again`: a connection was made and closed without a word; the next one shows why (see `connectorTo`).
   */
  | { is: "trying"; lost?: StorageError | undefined; again?: true }
  | { is: "ready" }
  /** A try has failed; there will be others. */
  | { is: "down"; failure: StorageError }
  | { is: "closed" };

/** Seconds that a call waits for a connection: a little more than connecting may take, which then says what is wrong. */
const PATIENCE = 2.2;

/**
 * A connection that is always wanted: made at once, and again whenever it is lost, forever.
 * A call waits for the first try, and after a loss for the first one again, which shows why; between later tries it rejects at
 * once. Nothing is queued or sent twice.
 * `onState` is called when the connection is lost or cannot be made (`error` says why) and when it is back, once each time.
 */
export function connectRedis(
  address: RedisAddress,
  onState: (up: boolean, error: string) => void,
): RedisConnection {
  const { redis, call } = createRedisClient(address, true);
  const explain = (error: unknown) => explainRedisError(error, address);
  const closed = explain(new Error("closed"));
  const silent = new StorageError(
    `Redis at ${address.where} takes the connection but does not answer. Look: redis-cli PING.`,
  );
  let state: State = { is: "trying" };
  /** The error of the present connection, which ends it. */
  let cause: StorageError | undefined;
  let reported = true;
  const waiting = new Set<() => void>();

  redis.on("error", (error: Error & { command?: { name?: string } }) => {
    cause = explain(error);
    // ioredis would continue with database 0, that is, with somebody else's queues.
    if (error.command?.name === "select") redis.disconnect(true);
  });
  redis.on("ready", () => {
    if (cause === undefined) enter({ is: "ready" }, true);
  });
  redis.on("close", () => {
    const failure = cause ?? closed;
    const lost = failure.message === closed.message ? undefined : failure;
    cause = undefined;
    if (state.is === "trying" && state.again === undefined && lost === undefined)
      state = { ...state, again: true };
    else enter(state.is === "ready" ? { is: "trying", lost } : { is: "down", failure }, false, failure);
  });

  function enter(next: State, up: boolean, failure = closed): void {
    if (state.is === "closed") return;
    state = next;
    for (const go of waiting) go();
    if (reported !== up) onState(up, up ? "" : failure.message);
    reported = up;
  }

  /** Resolves to the state after its next change; to the same one when that takes too long. */
  function change(): Promise<State> {
    return new Promise((resolve) => {
      const go = () => {
        clearTimeout(timer);
        waiting.delete(go);
        resolve(state);
      };
      const timer = setTimeout(go, PATIENCE * 1000);
      waiting.add(go);
    });
  }

  /** Returns when calls can be made in this state, else throws why not. */
  function check(now: State): void {
    if (now.is === "closed") throw new StorageError("The storage is closed.");
    if (now.is === "down") throw now.failure;
    if (now.is === "trying") throw silent;
  }

  async function explained<T>(answer: () => Promise<unknown>, read: (reply: unknown) => T): Promise<T> {
    check(state.is === "trying" ? await change() : state);
    const reply = await answer().catch(async (error: unknown) => {
      throw isLoss(error) ? await whyLost() : explain(error);
    });
    try {
      return read(reply);
    } catch {
      throw explain(new Error("unexpected answer"));
    }
  }

  /** The connection was lost during a call: what ended it, or else what the next try meets ("closed" says only that it ended). */
  async function whyLost(): Promise<StorageError> {
    // A call fails before the event that reports the end.
    const after = state.is === "ready" ? await change() : state;
    if (after.is === "trying" && after.lost !== undefined) return after.lost;
    try {
      check(after.is === "trying" ? await change() : after);
      return closed;
    } catch (error) {
      return error as StorageError;
    }
  }

  return {
    run(script, keys, args, read) {
      const rest = [keys.length, ...keys, ...args];
      const answer = () =>
        call("EVALSHA", [script.sha, ...rest]).catch((error: Error) => {
          if (!error.message.includes("NOSCRIPT")) throw error;
          return call("EVAL", [script.lua, ...rest]);
        });
      return explained(answer, read);
    },
    call: (command, args, read) => explained(() => call(command, args), read),
    close() {
      enter({ is: "closed" }, reported);
      redis.disconnect();
    },
  };
}
