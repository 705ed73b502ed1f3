import { chmodSync, chownSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { ListenError } from "../errors.ts";
import { removeLeftover } from "../io/leftover-socket.ts";
import { createFrames } from "./frames.ts";
import type { Listener } from "./listener.ts";
import { textOf } from "./port-holder.ts";
import type { Receive } from "./receiver.ts";
import type { TrafficCounter } from "./traffic.ts";

export type StreamOptions = {
  path: string;
  /** Permissions of the socket: who may write may send. */
  mode: number;
  /** Its group, by name or number; undefined: that of the process. */
  group: string | undefined;
};

/** Connections at one time. Well below 1024 descriptors: at the limit Bun would accept and fail in a loop. */
const CONNECTIONS = 512;

/** Bytes of incomplete packets, over all connections. */
const MOST_PENDING = 8_000_000;

/** Milliseconds that a packet may take to arrive, and that a connection may be silent: clients connect again. */
const HALF = 30_000;
const SILENT = 600_000;

/** Listens on a unix stream socket, made at `path`. Rejects with ListenError when that cannot be done. */
export async function listenStream(
  options: StreamOptions,
  receive: Receive,
  counter: TrafficCounter,
  half = HALF,
): Promise<Listener> {
  const { path, mode, group } = options;
  const what = `DOGSTATSD_STREAM_SOCKET ${path}`;
  const groupId = group === undefined ? undefined : groupIdOf(group);
  if (groupId === null) throw new ListenError(`${what}: there is no group ${group}; sudo groupadd ${group}`);
  await makeWay(path, what);
  const connections = new Set<Socket>();
  const total = { pending: 0 };
  const server = createServer((socket) => {
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
    serve(socket, receive, counter, total, half);
  });
  server.maxConnections = CONNECTIONS;
  server.on("drop", () => counter.dropped("connections"));
  try {
    await opened(server, path);
    chmodSync(path, mode);
    if (groupId !== undefined) chownSync(path, -1, groupId);
  } catch (error) {
    server.close();
    throw new ListenError(`${what}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
  return {
    where: `unix stream ${path}`,
    close: () =>
      new Promise((resolve) => {
        for (const socket of connections) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

function serve(
  socket: Socket,
  receive: Receive,
  counter: TrafficCounter,
  total: { pending: number },
  half: number,
): void {
  let held = 0;
  let late: ReturnType<typeof setTimeout> | undefined;
  /** Gives the next packet its own time. A client that drips bytes is never silent. */
  const complete = () => {
    clearTimeout(late);
    late = undefined;
  };
  const packet = (bytes: Buffer) => {
    complete();
    receive(bytes);
  };
  const frames = createFrames({ packet, malformed: (what) => counter.malformed("frame", what) });
  const account = (pending: number) => {
    total.pending += pending - held;
    held = pending;
  };
  /** Makes room at once, so that what one holds costs no other its connection. */
  const end = () => {
    complete();
    account(0);
    socket.destroy();
  };
  socket.setTimeout(SILENT, end);
  socket.on("data", (chunk: Buffer) => {
    const isGood = frames.push(chunk);
    account(frames.pending());
    if (total.pending > MOST_PENDING) counter.dropped("memory");
    if (!isGood || total.pending > MOST_PENDING) end();
    else if (held === 0) complete();
    else late ??= setTimeout(end, half);
  });
  socket.on("end", () => frames.end());
  socket.on("error", () => {});
  socket.on("close", end);
}

function opened(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      server.removeListener("error", reject);
      server.on("error", () => {});
      resolve();
    });
  });
}

async function makeWay(path: string, what: string): Promise<void> {
  const found = await removeLeftover(path);
  if (found === "file") throw new ListenError(`${what}: a file that is not a socket is there; remove it`);
  if (found === "taken")
    throw new ListenError(`${what}: another process listens there (to see it: sudo ss -lxp); stop that`);
}

/** Returns the number of a group in /etc/group (`video:x:44:pi`); null for an unknown one. */
function groupIdOf(group: string): number | null {
  if (/^\d+$/.test(group)) return Number(group);
  for (const line of textOf("/etc/group").split("\n")) {
    const [name, , id] = line.split(":");
    if (name === group && id !== undefined) return Number(id);
  }
  return null;
}
