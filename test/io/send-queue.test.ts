import { expect, test } from "bun:test";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { sendQueue, unacknowledged } from "../../src/io/send-queue.ts";

/** Lines of Debian 12, kernel 6.1: one that listens, both ends of a connection, and one over IPv6. */
const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:9691 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 2288797 1 000000000e82a7a1 100 0 0 10 0
   7: 0100007F:9691 0100007F:B1B6 01 00000000:00017400 00:00000000 00000000     0        0 2288924 1 00000000d46dcb7f 21 8 0 10 -1
  16: 0100007F:B1B6 0100007F:9691 01 00386686:00000000 04:00000000 00000000     0        0 2288798 3 000000004d267b90 20 0 0 17 -1
   1: 000080FE00000000FF565452BEADFDFE:0050 000080FE00000000FF565452BEADFDFE:01BB 01 0000000A:00000000 00:00000000 00000000     0        0 1 1 0 20 4 30 10 -1
`;

test("the send queue of a connection is found by its ports", () => {
  expect(sendQueue(TABLE, { localPort: 0xb1b6, remotePort: 0x9691 })).toBe(0x386686);
  expect(sendQueue(TABLE, { localPort: 0x9691, remotePort: 0xb1b6 })).toBe(0);
  expect(sendQueue(TABLE, { localPort: 80, remotePort: 443 })).toBe(10);
  expect(sendQueue(TABLE, { localPort: 81, remotePort: 443 })).toBeUndefined();
  expect(sendQueue("", { localPort: 80, remotePort: 443 })).toBeUndefined();
  expect(sendQueue(TABLE, { localPort: undefined, remotePort: 443 })).toBeUndefined();
});

test("bytes that a peer does not read are unacknowledged until it reads them", async () => {
  const server = createServer();
  const accepted = new Promise<Socket>((resolve) => server.on("connection", resolve));
  server.on("connection", (socket) => socket.pause());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
  await once(client, "connect");
  expect(await unacknowledged(client)).toBe(0);
  client.write(Buffer.alloc(24_000_000));
  while (!((await unacknowledged(client)) ?? 0)) await sleep(5);
  (await accepted).resume();
  while ((await unacknowledged(client)) !== 0) await sleep(5);
  client.destroy();
  (await accepted).destroy();
  server.close();
});
