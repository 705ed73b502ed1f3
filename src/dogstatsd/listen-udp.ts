import { createSocket } from "node:dgram";
import { ListenError } from "../errors.ts";
import { closeDatagrams } from "../io/close-datagrams.ts";
import type { Listener } from "./listener.ts";
import { portHolder, textOf } from "./port-holder.ts";
import type { Receive } from "./receiver.ts";
import { udpSockets } from "./udp-sockets.ts";

export type UdpOptions = {
  port: number;
  /** Whether other machines may send. */
  nonLocal: boolean;
  /** Bytes of receive buffer to request; the kernel grants `net.core.rmem_max` at most, without a word. */
  buffer: number;
  /** The descriptor of a socket that systemd has bound, whatever its port is. */
  descriptor?: number | undefined;
};

export type UdpListener = Listener & { port: number };

/** Listens for datagrams. Rejects with ListenError when the port is taken. */
export async function listenUdp(options: UdpOptions, receive: Receive): Promise<UdpListener> {
  const { port, nonLocal, descriptor } = options;
  const socket = createSocket({ type: "udp4" });
  const host = nonLocal ? "0.0.0.0" : "127.0.0.1";
  await new Promise<void>((resolve, reject) => {
    socket.once("error", (error: NodeJS.ErrnoException) => {
      socket.close();
      reject(new ListenError(problemOf(error, port), { cause: error }));
    });
    socket.bind(descriptor === undefined ? { port, address: host } : { fd: descriptor }, resolve);
  });
  socket.removeAllListeners("error");
  // An error of one datagram, such as ICMP's answer, says nothing of the next.
  socket.on("error", () => {});
  socket.on("message", receive);
  const buffer = grantedBuffer(socket, options.buffer);
  const { address, port: bound } = socket.address();
  const dropsNow = () =>
    udpSockets(textOf("/proc/net/udp"), bound).reduce((sum, { drops }) => sum + drops, 0);
  const before = dropsNow();
  return {
    where: `UDP ${address}:${bound}`,
    port: bound,
    buffer,
    drops: () => Math.max(0, dropsNow() - before),
    close: () => closeDatagrams(socket),
  };
}

/** Requests the buffer and returns what was granted. Linux doubles what is set, and counts what it needs for itself. */
function grantedBuffer(socket: ReturnType<typeof createSocket>, wanted: number): number {
  try {
    if (socket.getRecvBufferSize() < wanted) socket.setRecvBufferSize(wanted);
  } catch {
    // Where it cannot be set, the system's default remains.
  }
  return socket.getRecvBufferSize();
}

/** Bun's EADDRINUSE names no port. */
function problemOf(error: NodeJS.ErrnoException, port: number): string {
  if (error.code === "EADDRINUSE")
    return `UDP port ${port} is taken by ${portHolder(port)}; stop that, or give Chouette another: DOGSTATSD_PORT=8126 (none: DOGSTATSD=false)`;
  if (error.code === "EACCES")
    return `UDP port ${port}: only root may listen below 1024; choose a higher DOGSTATSD_PORT`;
  return `UDP port ${port} cannot be opened: ${error.message}`;
}
