import { connect, createServer, type Socket } from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";

export type TcpProxy = {
  port: number;
  /** From now on the answer to the next bytes is awaited and thrown away, and the connection is cut. */
  cutNextAnswer(): void;
  close(): void;
};

/** Listens on a free port of 127.0.0.1 (with TLS where `tls` is given) and passes everything on to a unix socket. */
export async function startTcpProxy(socket: string, tls?: TlsOptions): Promise<TcpProxy> {
  let cut = false;
  const clients = new Set<Socket>();
  const pass = (client: Socket) => {
    const server = connect(socket);
    clients.add(client);
    client.on("data", (data) => server.write(data));
    server.on("data", (data) => (cut ? client.destroy() : client.write(data)));
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const)
      one.on("error", () => {}).on("close", () => other.destroy());
    client.on("close", () => {
      cut = false;
      clients.delete(client);
    });
  };
  const listener = tls === undefined ? createServer(pass) : createTlsServer(tls, pass);
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const address = listener.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    port: address.port,
    cutNextAnswer: () => {
      cut = true;
    },
    close: () => {
      for (const client of clients) client.destroy();
      listener.close();
    },
  };
}
