import { createServer, request as send } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { type AddressInfo, connect, type Socket } from "node:net";

/** An HTTP proxy on a free port: tunnels (CONNECT) and whole URLs. Whatever host is asked for, it leads to one port here. */
export type ProxyServer = {
  port: number;
  /** What was asked for: `CONNECT host:443`, `POST http://host/path`. */
  requests: string[];
  /** Answers every request with this status, or with nothing at all, from now on; undefined: does its work. */
  refuse(how: number | "hang" | undefined): void;
  /** Resolves when nobody is connected. */
  deserted(): Promise<void>;
  stop(): Promise<void>;
};

export async function startProxy(
  /** A port of this machine. */
  destination: number,
  options: {
    user?: string;
    password?: string;
    /** Values of Proxy-Authenticate; by default none is sent. */
    challenges?: string[];
    tls?: { key: string; cert: string };
  } = {},
): Promise<ProxyServer> {
  const { user, password, challenges = [], tls } = options;
  const wanted = user === undefined ? undefined : `Basic ${btoa(`${user}:${password}`)}`;
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const waiting: (() => void)[] = [];
  let how: number | "hang" | undefined;
  const verdict = (authorization: string | undefined) =>
    wanted !== undefined && authorization !== wanted ? 407 : how;

  const server = tls === undefined ? createServer() : createSecureServer(tls);
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => {
      sockets.delete(socket);
      if (sockets.size === 0) for (const resolve of waiting.splice(0)) resolve();
    });
    socket.on("error", () => socket.destroy());
  };
  server.on("connection", keep);
  server.on("request", (incoming, response) => {
    requests.push(`${incoming.method} ${incoming.url}`);
    const { "proxy-authorization": authorization, ...headers } = incoming.headers;
    const refusal = verdict(authorization);
    if (refusal === "hang") return;
    if (refusal !== undefined) {
      return response.writeHead(refusal, { "Proxy-Authenticate": challenges }).end("refused by the proxy");
    }
    const path = new URL(incoming.url ?? "").pathname;
    const onwards = send({
      host: "127.0.0.1",
      port: destination,
      method: incoming.method,
      path,
      headers,
      agent: false,
    });
    onwards.on("response", (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onwards.on("error", () => response.writeHead(502).end());
    incoming.pipe(onwards);
  });
  server.on("connect", (incoming, socket: Socket, head: Buffer) => {
    requests.push(`${incoming.method} ${incoming.url}`);
    const refusal = verdict(incoming.headers["proxy-authorization"]);
    if (refusal === "hang") return socket.resume().on("end", () => socket.end());
    if (refusal !== undefined) {
      const headers = challenges.map((challenge) => `Proxy-Authenticate: ${challenge}\r\n`).join("");
      return socket.end(`HTTP/1.1 ${refusal} Refused\r\n${headers}Content-Length: 0\r\n\r\n`);
    }
    const onwards = connect(destination, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      onwards.write(head);
      onwards.pipe(socket).pipe(onwards);
    });
    keep(onwards);
    onwards.on("close", () => socket.destroy());
    socket.on("close", () => onwards.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    refuse: (next) => {
      how = next;
    },
    deserted: () =>
      new Promise((resolve) => {
        if (sockets.size === 0) resolve();
        else waiting.push(resolve);
      }),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
