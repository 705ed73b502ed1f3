/** Servers and clients for one test; `cleanUp` ends those that the test has started. */
import { mkdtemp, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listenResp, type RespDeps } from "../../src/resp/listen.ts";
import type { QueueName } from "../../src/storage/storage.ts";
import { memoryStorage } from "../helpers/memory-storage.ts";

export const NOW = 1_591_541_275;

const started: (() => unknown)[] = [];

export async function cleanUp(): Promise<void> {
  for (const end of started.splice(0).reverse()) await end();
}

/** A server at a unix socket with a storage of its own. */
export async function setUp(more: Partial<RespDeps> = {}) {
  const directory = await mkdtemp(join(tmpdir(), "chouette-resp-"));
  started.push(() => rm(directory, { recursive: true }));
  const path = join(directory, "redis.sock");
  const storage = memoryStorage(() => NOW);
  const server = await listenResp({ path }, { storage, password: undefined, now: () => NOW, ...more });
  started.push(server.close);
  const stored = async (queue: QueueName) =>
    (await storage.peek(queue, { limit: 1e6, maxBytes: 1e9, maxBody: 1e9 })).map(({ key, at, body }) => ({
      key,
      at,
      body,
    }));
  return { path, server, storage, stored };
}

export type RawClient = {
  socket: Socket;
  write(bytes: string | Uint8Array): void;
  /** Resolves with all that was answered once it has so many characters, or the server has closed the connection. */
  answered(characters: number): Promise<string>;
  closed: Promise<void>;
};

/** A connection that writes bytes. */
export async function rawClient(path: string): Promise<RawClient> {
  const socket = connect(path);
  started.push(() => socket.destroy());
  socket.on("error", () => {});
  await new Promise((resolve) => socket.once("connect", resolve));
  let received = "";
  let look = () => {};
  socket.on("data", (chunk: Buffer) => {
    received += chunk.toString("latin1");
    look();
  });
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  return {
    socket,
    write: (bytes) => void socket.write(bytes),
    answered: (characters) =>
      Promise.race([
        new Promise<string>((resolve) => {
          look = () => received.length >= characters && resolve(received);
          look();
        }),
        closed.then(() => received),
      ]),
    closed,
  };
}

/** A command as clients write it. */
export function command(...words: string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join("")}`;
}

export const RAW = "chouette:metrics:raw";

/** What chouette-iot-client writes for a record. */
export function transaction(key: string, at: number, body: string, queue = RAW): string {
  return (
    command("MULTI") +
    command("ZADD", `${queue}.keys`, `${at}`, key) +
    command("HSET", `${queue}.values`, key, body) +
    command("EXEC")
  );
}

export const ANSWER = "+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n:1\r\n:1\r\n";
