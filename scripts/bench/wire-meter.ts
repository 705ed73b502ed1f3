import { type AddressInfo, connect, createServer } from "node:net";

/** Bytes of TCP payload that have passed: TLS and HTTP included, the headers of IP and TCP not. */
export type Wire = { port: number; bytes(): { sent: number; received: number }; close(): void };

/** Listens on a free port of 127.0.0.1 and passes everything on to another one, counting it. */
export async function startWire(port: number): Promise<Wire> {
  let [sent, received] = [0, 0];
  const server = createServer((client) => {
    const upstream = connect(port, "127.0.0.1");
    client.on("data", (data) => {
      sent += data.length;
    });
    upstream.on("data", (data) => {
      received += data.length;
    });
    client.pipe(upstream).pipe(client);
    for (const socket of [client, upstream]) socket.on("error", () => {});
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    port: (server.address() as AddressInfo).port,
    bytes: () => ({ sent, received }),
    close: () => server.close(),
  };
}
