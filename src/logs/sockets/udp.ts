import { createSocket } from "node:dgram";
import { once } from "node:events";
import { closeDatagrams } from "../../io/close-datagrams.ts";
import { textOf } from "../files/split-lines.ts";
import type { Inbox, Listen, Listener } from "./listener.ts";

/** Bytes that the kernel holds while the agent is busy; it gives at most net.core.rmem_max. */
const RECEIVE_BUFFER = 4 * 1024 * 1024;

/** Listens for datagrams, each of which is one message or several lines. Rejects where the address cannot be used. */
export async function listenUdp({ host, port }: Listen, inbox: Inbox): Promise<Listener & { port: number }> {
  const socket = createSocket({ type: host.includes(":") ? "udp6" : "udp4", recvBufferSize: RECEIVE_BUFFER });
  socket.on("message", (datagram) => {
    for (const line of textOf(datagram).split("\n")) if (line !== "") inbox.put(line.trimEnd());
  });
  socket.bind(port, host);
  await once(socket, "listening");
  socket.on("error", () => {});
  return {
    port: socket.address().port,
    close: () => closeDatagrams(socket),
  };
}
