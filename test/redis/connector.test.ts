import { afterEach, describe, expect, test } from "bun:test";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import type { RedisAddress } from "../../src/redis/address.ts";
import { connectorTo } from "../../src/redis/connector.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A server on 127.0.0.1 that does this with each connection; resolves to its port. */
async function listen(onConnection: (socket: Socket) => void): Promise<number> {
  const server = createServer(onConnection).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  return (server.address() as { port: number }).port;
}

type Connector = { firstError?: Error; connect(): Promise<Socket>; disconnect(): void };

/** A connector for a name that has these addresses. */
function connectorFor(port: number, addresses: readonly string[]): Connector {
  const address: RedisAddress = { host: "redis", port, db: 0, tls: false, where: `redis://redis:${port}` };
  const find = async () => addresses.map((each) => ({ address: each }));
  const Made = connectorTo(address, () => {}, find);
  return new Made({}) as unknown as Connector;
}

describe("a name with several addresses", () => {
  test("the next one is tried where one refuses, as ::1 does beside a Redis on 127.0.0.1", async () => {
    const port = await listen((socket) => socket.end());
    const connector = connectorFor(port, ["::1", "127.0.0.2", "127.0.0.1"]);
    const stream = await connector.connect();
    expect([stream.remoteAddress, connector.firstError]).toEqual(["127.0.0.1", undefined]);
    connector.disconnect();
  });

  test("the connection is destroyed with the reason when every address refuses", async () => {
    const port = await listen(() => {});
    const connector = connectorFor(port, ["127.0.0.2", "127.0.0.3"]);
    expect((await connector.connect()).destroyed).toBe(true);
    expect((connector.firstError as NodeJS.ErrnoException).code).toBe("ECONNREFUSED");
  });

  test("an attempt that is given up leaves no connection behind", async () => {
    const port = await listen((socket) => socket.on("error", () => {}));
    const connector = connectorFor(port, ["127.0.0.1"]);
    const connecting = connector.connect();
    connector.disconnect();
    expect((await connecting).destroyed).toBe(true);
  });
});

test("the second connection reads what a server sends before it closes, and sends nothing first", async () => {
  let connections = 0;
  const port = await listen((socket) => {
    socket.on("error", () => {});
    if (++connections === 1) socket.destroy();
    else socket.end("-DENIED Redis is running in protected mode because …\r\n");
  });
  const connector = connectorFor(port, ["127.0.0.1"]);
  const first = await connector.connect();
  first.resume();
  if (!first.closed) await once(first, "close");
  expect((await connector.connect()).destroyed).toBe(true);
  expect(connector.firstError?.message).toStartWith("DENIED Redis is running in protected mode");
});
