import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { createFrames } from "./frames.ts";
import type { Inbox, Listen, Listener } from "./listener.ts";

/** Connections at a time, well below the descriptors of a process: without a limit Bun spins when they run out. */
const MOST = 256;

/** Seconds without a byte after which a connection is closed. */
const IDLE = 3600;

/** Listens for connections that send messages. Reads no more of them than there is room for. Rejects where the address cannot be used. */
export async function listenTcp({ host, port }: Listen, inbox: Inbox): Promise<Listener & { port: number }> {
  const stop = new AbortController();
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("error", () => {});
    socket.setTimeout(IDLE * 1000, () => socket.destroy());
    void receive(socket, inbox, stop.signal).finally(() => {
      open.delete(socket);
      socket.destroy();
    });
  });
  server.maxConnections = MOST;
  server.listen(port, host);
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      stop.abort();
      for (const socket of open) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function receive(socket: Socket, inbox: Inbox, stop: AbortSignal): Promise<void> {
  const frames = createFrames();
  const deliver = async (messages: readonly string[]) => {
    for (const message of messages) {
      await inbox.room(stop);
      if (!stop.aborted) inbox.put(message);
    }
    inbox.cut(frames.cut());
  };
  try {
    for await (const chunk of socket as AsyncIterable<Buffer>) await deliver(frames.take(chunk));
  } catch {
    // The connection was reset; what it sent before counts.
  }
  await deliver(frames.rest());
}
