import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** A network link of the tests, as a TCP proxy on a free port of 127.0.0.1. */
export type SlowLink = {
  port: number;
  /** Bytes of the connection from that port that are still on their way: a real link would not have acknowledged them. */
  onTheWay(clientPort: number): number;
  close(): void;
};

/** What happens to a request on its way: the connection is reset in its middle, it is swallowed, or its answer gets lost. */
export type LinkFault = "reset" | "stall" | "lost answer";

export type LinkOptions = {
  /** Bytes per second in each direction, of all connections together. */
  bytesPerSecond: number;
  /** A connection on which more bytes than this are written at once passes nothing more: a path that drops large packets. */
  largestPacket?: number;
  /** Returns what happens to the n-th request. */
  fault?: (request: number) => LinkFault | undefined;
};

/** Bytes passed on at a time at most. */
const PIECE = 512;

/** Starts a link to the port of a server of HTTP. */
export async function startSlowLink(
  port: number,
  { bytesPerSecond, largestPacket = Number.POSITIVE_INFINITY, fault = () => undefined }: LinkOptions,
): Promise<SlowLink> {
  const sockets = new Set<Socket>();
  let requests = 0;
  const onTheWay = new Map<number, number>();

  /** Creates a direction: its pieces wait for each other, whatever connection they belong to. */
  const direction = () => {
    let free = performance.now();
    return async (piece: Buffer, to: Socket) => {
      free = Math.max(performance.now(), free) + (1000 * piece.length) / bytesPerSecond;
      await sleep(free - performance.now());
      to.write(piece);
    };
  };
  const up = direction();
  const down = direction();

  const listener = createServer((client) => {
    const server = connect(port, "127.0.0.1");
    const from = client.remotePort ?? 0;
    let now: LinkFault | undefined;
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        client.destroy();
        server.destroy();
      });
    }
    client.on("data", async (data: Buffer) => {
      client.pause();
      onTheWay.set(from, data.length);
      if (data.subarray(0, 5).toString("latin1") === "POST ") now = fault(++requests);
      if (data.length > largestPacket) now = "stall";
      const middle = data.length / 2;
      for (let at = 0; at < data.length; at += PIECE) {
        if (now === "stall") return;
        if (now === "reset" && at >= middle) return void client.resetAndDestroy();
        const piece = data.subarray(at, at + PIECE);
        await up(piece, server);
        onTheWay.set(from, data.length - at - piece.length);
      }
      client.resume();
    });
    server.on("data", async (data: Buffer) => {
      server.pause();
      if (now === "lost answer") return void client.resetAndDestroy();
      for (let at = 0; at < data.length; at += PIECE) await down(data.subarray(at, at + PIECE), client);
      server.resume();
    });
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  return {
    port: (listener.address() as AddressInfo).port,
    onTheWay: (clientPort) => onTheWay.get(clientPort) ?? 0,
    close: () => {
      for (const socket of sockets) socket.destroy();
      listener.close();
    },
  };
}
