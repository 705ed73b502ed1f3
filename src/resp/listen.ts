import { timingSafeEqual } from "node:crypto";
import { chmodSync } from "node:fs";
import { createServer, type ListenOptions, type Server } from "node:net";
import { ListenError } from "../errors.ts";
import { removeLeftover } from "../io/leftover-socket.ts";
import type { Storage } from "../storage/storage.ts";
import { createCommitter } from "./committer.ts";
import { type Connection, serve } from "./serve.ts";
import { createSession } from "./session.ts";

/** Where clients of Redis write: an address and a port, or the path of a unix socket. */
export type RespPlace = { readonly host: string; readonly port: number } | { readonly path: string };

export type RespDeps = {
  /** The storage of the configuration at this moment. */
  storage: Pick<Storage, "commit">;
  password: string | undefined;
  /** Unix seconds. */
  now(): number;
  /** Milliseconds in which a command must be complete, and in which a client must log in. */
  half?: number;
};

export type RespServer = {
  /** `redis://127.0.0.1:6379` or `unix:///run/chouette/redis.sock`. */
  where: string;
  close(): Promise<void>;
};

/** Connections at one time. Well below 1024 descriptors: at the limit Bun would accept and fail in a loop. */
export const CONNECTIONS = 256;

/** Bytes of commands and transactions that are not complete, over all connections. */
const MOST_HELD = 16_000_000;

/**
 * Takes what clients write to the queues in Redis' protocol, and stores it in another storage. Rejects with ListenError when
 * the place cannot be opened.
 */
export async function listenResp(
  place: RespPlace,
  { storage, password, now, half }: RespDeps,
): Promise<RespServer> {
  if ("path" in place) await makeWay(place.path);
  const connections = new Set<Connection>();
  const store = createCommitter(storage);
  const isPassword = password === undefined ? undefined : (given: string) => equal(given, password);
  let served = 0;

  /** Ends the connection that holds most when all of them hold too much. */
  const relieve = () => {
    let total = 0;
    for (const connection of connections) total += connection.held();
    if (total <= MOST_HELD) return;
    [...connections].reduce((most, one) => (one.held() > most.held() ? one : most)).end();
  };

  const server = createServer((socket) => {
    const session = createSession({ store, isPassword, now, id: ++served });
    const connection = serve(socket.setNoDelay(), session, relieve, half);
    connections.add(connection);
    socket.once("close", () => connections.delete(connection));
  });
  server.maxConnections = CONNECTIONS;
  await opened(server, place);
  return {
    where: whereOf(place, server),
    close: () =>
      new Promise((resolve) => {
        for (const connection of connections) connection.end();
        server.close(() => resolve());
      }),
  };
}

function whereOf(place: RespPlace, server: Server): string {
  if ("path" in place) return `unix://${place.path}`;
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : place.port;
  return `redis://${place.host.includes(":") ? `[${place.host}]` : place.host}:${port}`;
}

async function opened(server: Server, place: RespPlace): Promise<void> {
  const options: ListenOptions =
    "path" in place ? { path: place.path } : { host: place.host, port: place.port };
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) =>
      reject(new ListenError(why(cause, place), { cause })),
    );
    server.listen(options, () => {
      server.removeAllListeners("error").on("error", () => {});
      resolve();
    });
  });
  // The group of the agent may write, as it may read its database.
  if ("path" in place) chmodSync(place.path, 0o660);
}

/** Bun's EADDRINUSE does not name the port. */
function why({ code, message }: NodeJS.ErrnoException, place: RespPlace): string {
  const name = "path" in place ? place.path : `${place.host}:${place.port}`;
  const look = "path" in place ? "sudo ss -lxp" : "sudo ss -ltnp";
  switch (code) {
    case "EADDRINUSE":
      return `REDIS_LISTEN: ${name} is taken by another process (to see it: ${look}): stop that (sudo systemctl disable --now redis-server), or choose another place`;
    case "EADDRNOTAVAIL":
      return `REDIS_LISTEN: this machine does not have the address ${name}: choose one of \`ip address\``;
    case "EACCES":
      return `REDIS_LISTEN: the agent may not listen at ${name}: choose a port above 1023, or a directory that it may write`;
    default:
      return `REDIS_LISTEN: cannot listen at ${name}: ${message}`;
  }
}

/** A socket at which a process listens stays: listening there then fails with EADDRINUSE. */
async function makeWay(path: string): Promise<void> {
  if ((await removeLeftover(path)) === "file")
    throw new ListenError(`REDIS_LISTEN: ${path} is a file, not a socket: remove it, or choose another path`);
}

/** Compares in a time that tells nothing about the password but its length. */
function equal(given: string, password: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(password)];
  return a.length === b.length && timingSafeEqual(a, b);
}
