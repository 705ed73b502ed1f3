import type { NewRecord } from "../storage/storage.ts";
import { createHandshake } from "./handshake.ts";
import { array, error, OK, QUEUED, type Reply, unknownCommand } from "./replies.ts";
import { createHalves, parseWrite, type SharedQueue, type Write } from "./writes.ts";

export type Stored = { queue: SharedQueue; record: NewRecord };

export type SessionDeps = {
  /** Resolves when the records are in their queues, and rejects when they are not. */
  store(records: readonly Stored[]): Promise<void>;
  /** Undefined when no password is wanted. */
  isPassword: ((given: string) => boolean) | undefined;
  /** Unix seconds. */
  now(): number;
  /** The number of the connection. */
  id: number;
};

export type Session = {
  /** Answers a command with its arguments; a promise, which never rejects, where the storage answers first. */
  handle(command: readonly string[]): Reply | Promise<Reply>;
  /** Bytes that wait in a transaction. */
  held(): number;
  /** True once the client may write: before that it is given less room. */
  allowed(): boolean;
};

/**
 * The conversation of one client, as Redis would have it: `MULTI`, `ZADD` and `HSET` of one of the three queues, `EXEC`. What
 * `EXEC` answers is in the storage. Every other command, and every other key, is refused in the words of Redis.
 */
export function createSession({ store, isPassword, now, id }: SessionDeps): Session {
  const handshake = createHandshake(isPassword, id);
  const halves = createHalves();
  /** The transaction; undefined outside of one. `replies` are those of commands that write nothing. */
  let open: { steps: (Write | Reply)[]; bytes: number; failed: boolean } | undefined;

  const write = async (steps: readonly (Write | Reply)[], reply: Reply): Promise<Reply> => {
    const writes = steps.filter((step) => typeof step !== "string");
    const records = halves.join(writes, now());
    if (records.length === 0) return reply;
    try {
      await store(records);
      return reply;
    } catch (cause) {
      return error(`ERR ${cause instanceof Error ? cause.message : cause}`);
    }
  };

  const exec = (): Reply | Promise<Reply> => {
    if (open === undefined) return error("ERR EXEC without MULTI");
    const { steps, failed } = open;
    open = undefined;
    if (failed) return error("EXECABORT Transaction discarded because of previous errors.");
    return write(steps, array(steps.map((step) => (typeof step === "string" ? step : step.reply))));
  };

  const transaction = (command: string): Reply | Promise<Reply> | undefined => {
    switch (command) {
      case "MULTI":
        if (open !== undefined) return error("ERR MULTI calls can not be nested");
        open = { steps: [], bytes: 0, failed: false };
        return OK;
      case "EXEC":
        return exec();
      case "DISCARD":
        if (open === undefined) return error("ERR DISCARD without MULTI");
        open = undefined;
        return OK;
      case "RESET":
        open = undefined;
        return "+RESET\r\n";
      default:
        return undefined;
    }
  };

  const take = (step: Write | Reply, bytes: number): Reply | Promise<Reply> => {
    const refused = typeof step === "string" && step.startsWith("-");
    if (open === undefined) return typeof step === "string" ? step : write([step], step.reply);
    if (refused) {
      open.failed = true;
      return step;
    }
    open.steps.push(step);
    open.bytes += bytes;
    return QUEUED;
  };

  return {
    held: () => open?.bytes ?? 0,
    allowed: handshake.allowed,
    handle([name = "", ...args]) {
      const command = name.toUpperCase();
      const greeted = handshake.handle(command, args);
      if (!handshake.allowed()) return greeted ?? unknownCommand(name, args);
      const bytes = args.reduce((total, arg) => total + arg.length, 0);
      if (greeted !== undefined) return take(greeted, bytes);
      const controlled = transaction(command);
      if (controlled !== undefined) return controlled;
      return command === "ZADD" || command === "HSET" || command === "HMSET"
        ? take(parseWrite(command, args), bytes)
        : take(unknownCommand(name, args), bytes);
    },
  };
}
